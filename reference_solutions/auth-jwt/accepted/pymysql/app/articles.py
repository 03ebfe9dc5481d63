"""The articles, which roles are tried on."""

from flask import Blueprint, abort, g

from . import validation
from .database import one, run
from .tokens import signed_in

blueprint = Blueprint("articles", __name__)

ARTICLES = (
    "SELECT articles.id, title, username AS author FROM articles JOIN users ON users.id = author_id"
)


def find(article_id):
    article = one(f"{ARTICLES} WHERE articles.id = %s", article_id)
    if article is None:
        abort(404, "There is no such article.")
    return article


@blueprint.get("/articles")
@signed_in()
def index():
    return {"articles": run(f"{ARTICLES} ORDER BY articles.id").fetchall()}


@blueprint.post("/articles")
@signed_in("editor", "admin")
def add():
    made = run(
        "INSERT INTO articles (title, author_id) VALUES (%s, %s)", validation.title(), g.user["id"]
    )
    return find(made.lastrowid), 201


@blueprint.put("/articles/<int:article_id>")
@signed_in("editor", "admin")
def change(article_id):
    article = find(article_id)
    if g.user["role"] != "admin" and article["author"] != g.user["username"]:
        abort(403, "Editors change their own articles only.")
    run("UPDATE articles SET title = %s WHERE id = %s", validation.title(), article_id)
    return find(article_id)


@blueprint.delete("/articles/<int:article_id>")
@signed_in("admin")
def delete(article_id):
    find(article_id)
    run("DELETE FROM articles WHERE id = %s", article_id)
    return "", 204
