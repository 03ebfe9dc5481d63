"""Posts, their comments and their tags."""

import pymysql
from flask import Blueprint, request

from . import checks
from .checks import Refused
from .database import marks, row, rows, run, transaction, tried_again
from .users import require_author

blueprint = Blueprint("posts", __name__)

POSTS = """
SELECT posts.id, slug, title, posts.body, users.id AS user_id, users.name AS user_name,
    (SELECT COUNT(*) FROM comments WHERE comments.post_id = posts.id) AS comment_count
FROM posts JOIN users ON users.id = posts.author_id
"""
TAGGED = """
posts.id IN (
    SELECT post_id FROM post_tags JOIN tags ON tags.id = post_tags.tag_id WHERE tags.name = %s
)
"""


def author(found):
    return {"id": found["user_id"], "name": found["user_name"]}


def tags_of(numbers):
    """The names of the tags of several posts, by the posts' ids."""
    found = {number: [] for number in numbers}
    if numbers:
        sql = (
            "SELECT post_id, name FROM post_tags JOIN tags ON tags.id = post_tags.tag_id "
            f"WHERE post_id IN ({marks(numbers)}) ORDER BY name"
        )
        for one in rows(sql, *numbers):
            found[one["post_id"]].append(one["name"])
    return found


def shown(found, tags):
    return {
        "id": found["id"],
        "slug": found["slug"],
        "title": found["title"],
        "author": author(found),
        "tags": tags,
        "comment_count": found["comment_count"],
    }


def post_of(slug):
    found = row(f"{POSTS} WHERE slug = %s", slug) if checks.is_slug(slug) else None
    if found is None:
        raise Refused(404, "There is no such post.")
    return found


def whole(slug):
    found = post_of(slug)
    comments = rows(
        "SELECT comments.id, body, users.id AS user_id, users.name AS user_name FROM comments "
        "JOIN users ON users.id = comments.author_id WHERE post_id = %s "
        "ORDER BY created_at, comments.id",
        found["id"],
    )
    return shown(found, tags_of([found["id"]])[found["id"]]) | {
        "body": found["body"],
        "comments": [
            {"id": one["id"], "body": one["body"], "author": author(one)} for one in comments
        ],
    }


def tag(post, names):
    """Give a post these tags and no others."""
    run("DELETE FROM post_tags WHERE post_id = %s", post)
    for name in names:
        run("INSERT INTO tags (name) VALUES (%s) ON DUPLICATE KEY UPDATE name = name", name)
    if names:
        run(
            "INSERT INTO post_tags (post_id, tag_id) "
            f"SELECT %s, id FROM tags WHERE name IN ({marks(names)})",
            post, *names,
        )  # fmt: skip


@blueprint.get("/posts")
def listed():
    limit = checks.number("limit", 20, 200)
    page = checks.number("page", 1, 10**6)
    name = request.args.get("tag")
    where, values = ("", []) if name is None else (f"WHERE {TAGGED}", [name])
    total = row(f"SELECT COUNT(*) AS count FROM posts {where}", *values)["count"]
    found = rows(
        f"{POSTS} {where} ORDER BY posts.created_at DESC, posts.id DESC LIMIT %s OFFSET %s",
        *values, limit, limit * (page - 1),
    )  # fmt: skip
    tags = tags_of([one["id"] for one in found])
    return {"items": [shown(one, tags[one["id"]]) for one in found], "total": total}


@blueprint.post("/posts")
def create():
    found = checks.sent()
    title, body = checks.text(found, "title", 120), checks.text(found, "body", 10_000)
    slug, user = checks.slug(found), checks.author_id(found)
    names = checks.tags(found.get("tags", []))

    def insert():
        require_author(user)
        _, number = run(
            "INSERT INTO posts (author_id, title, body, created_at, slug) "
            "VALUES (%s, %s, %s, UTC_TIMESTAMP(), %s)",
            user, title, body, slug,
        )  # fmt: skip
        tag(number, names)

    try:
        tried_again(insert)
    except pymysql.err.IntegrityError:
        raise Refused(409, "Another post has this slug.") from None
    return whole(slug), 201, {"Location": f"/posts/{slug}"}


@blueprint.get("/posts/<slug>")
def read(slug):
    return whole(slug)


@blueprint.delete("/posts/<slug>")
def delete(slug):
    with transaction():
        run("DELETE FROM posts WHERE id = %s", post_of(slug)["id"])
    return "", 204


@blueprint.put("/posts/<slug>/tags")
def replace_tags(slug):
    post = post_of(slug)["id"]
    names = checks.tags(checks.sent().get("tags"))
    tried_again(lambda: tag(post, names))
    return whole(slug)


@blueprint.post("/posts/<slug>/comments")
def comment(slug):
    post = post_of(slug)["id"]
    found = checks.sent()
    body, user = checks.text(found, "body", 500), checks.author_id(found)
    with transaction():
        require_author(user)
        _, number = run(
            "INSERT INTO comments (post_id, author_id, body, created_at) "
            "VALUES (%s, %s, %s, UTC_TIMESTAMP())",
            post, user, body,
        )  # fmt: skip
    name = row("SELECT name FROM users WHERE id = %s", user)["name"]
    return {"id": number, "body": body, "author": {"id": user, "name": name}}, 201


@blueprint.get("/tags")
def tags():
    found = rows(
        "SELECT name, COUNT(*) AS posts FROM tags JOIN post_tags ON post_tags.tag_id = tags.id "
        "GROUP BY tags.id, name ORDER BY name"
    )
    return {"items": list(found)}
