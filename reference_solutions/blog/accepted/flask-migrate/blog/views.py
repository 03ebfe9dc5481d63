import re

from flask import Blueprint, request
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import joinedload, selectinload

from .models import Comment, Post, Tag, User, db, tagging

api = Blueprint("api", __name__)
IDS = range(1, 2**31)


class Problem(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status
        self.text = text


def body_of_request():
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        raise Problem(400, "Send a JSON object.")
    return found


def text(found, name, most):
    value = found.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise Problem(400, f"{name} is a text of at most {most} characters.")
    if not value.isprintable() and value.encode("utf-8", "replace").decode() != value:
        raise Problem(400, f"{name} is no text.")
    return value


def tag_names(value):
    fine = isinstance(value, list) and len(value) <= 5
    if not fine or not all(isinstance(one, str) and re.fullmatch("[a-z0-9]{1,30}", one) for one in value):
        raise Problem(400, "tags is a list of at most 5 names of letters and digits.")
    return sorted(set(value))


def author_of(found):
    number = found.get("author_id")
    user = db.session.get(User, number) if type(number) is int and number in IDS else None
    if user is None:
        raise Problem(400, "author_id is the id of a user.")
    return user


def parameter(name, default, most):
    value = request.args.get(name, str(default))
    if not re.fullmatch("[0-9]{1,7}", value) or int(value) not in range(1, most + 1):
        raise Problem(400, f"{name} is a number from 1 to {most}.")
    return int(value)


def tags_of(names):
    """The tags with these names; those that are new are made."""
    if not names:
        return []
    new = Tag.__table__.insert().prefix_with("IGNORE")
    db.session.execute(new, [{"name": name} for name in names])
    return list(db.session.scalars(select(Tag).where(Tag.name.in_(names))))


def user_of(number):
    user = db.session.get(User, number) if number in IDS else None
    if user is None:
        raise Problem(404, "There is no such user.")
    return user


def post_of(slug, *options):
    fine = re.fullmatch("[a-z0-9-]{1,80}", slug)
    post = db.session.scalar(select(Post).where(Post.slug == slug).options(*options)) if fine else None
    if post is None:
        raise Problem(404, "There is no such post.")
    return post


def whole(slug):
    post = post_of(
        slug,
        joinedload(Post.author),
        selectinload(Post.tags),
        selectinload(Post.comments).joinedload(Comment.author),
    )
    return post.shown() | {"body": post.body, "comments": [one.shown() for one in post.comments]}


def committed(work):
    """Do the work in a transaction, again where MySQL has ended that for a deadlock."""
    for left in reversed(range(5)):
        try:
            made = work()
            db.session.commit()
            return made
        except OperationalError as error:
            db.session.rollback()
            if error.orig.args[0] not in (1205, 1213) or not left:
                raise


@api.get("/health")
def health():
    return {"up": True}


@api.post("/users")
def create_user():
    user = User(name=text(body_of_request(), "name", 50))
    db.session.add(user)
    db.session.commit()
    return user.shown(), 201, {"Location": f"/users/{user.id}"}


@api.get("/users/<int:number>")
def get_user(number):
    return user_of(number).shown()


@api.delete("/users/<int:number>")
def delete_user(number):
    db.session.execute(delete(User).where(User.id == user_of(number).id))
    db.session.commit()
    return "", 204


@api.get("/posts")
def list_posts():
    limit, page = parameter("limit", 20, 200), parameter("page", 1, 1_000_000)
    tag = request.args.get("tag")
    chosen = [] if tag is None else [Post.tags.any(Tag.name == tag)]
    posts = db.session.scalars(
        select(Post)
        .where(*chosen)
        .options(joinedload(Post.author), selectinload(Post.tags))
        .order_by(Post.created_at.desc(), Post.id.desc())
        .limit(limit)
        .offset(limit * (page - 1))
    )
    total = db.session.scalar(select(func.count()).select_from(Post).where(*chosen))
    return {"items": [post.shown() for post in posts], "total": total}


@api.post("/posts")
def create_post():
    found = body_of_request()
    title, body, slug = text(found, "title", 120), text(found, "body", 10_000), found.get("slug")
    if not isinstance(slug, str) or len(slug) > 80 or not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug):
        raise Problem(400, "slug is small letters and digits, with hyphens between them.")
    names = tag_names(found.get("tags", []))

    def work():
        post = Post(author=author_of(found), title=title, body=body, slug=slug)
        db.session.add(post)
        db.session.flush()
        post.tags = tags_of(names)

    try:
        committed(work)
    except IntegrityError:
        db.session.rollback()
        raise Problem(409, "This slug is taken.") from None
    return whole(slug), 201, {"Location": f"/posts/{slug}"}


@api.get("/posts/<slug>")
def get_post(slug):
    return whole(slug)


@api.delete("/posts/<slug>")
def delete_post(slug):
    db.session.execute(delete(Post).where(Post.id == post_of(slug).id))
    db.session.commit()
    return "", 204


@api.put("/posts/<slug>/tags")
def put_tags(slug):
    post_of(slug)
    names = tag_names(body_of_request().get("tags"))

    def work():
        post_of(slug).tags = tags_of(names)

    committed(work)
    return whole(slug)


@api.post("/posts/<slug>/comments")
def create_comment(slug):
    post = post_of(slug)
    found = body_of_request()
    body = text(found, "body", 500)
    comment = Comment(post_id=post.id, author=author_of(found), body=body)
    db.session.add(comment)
    db.session.commit()
    return comment.shown(), 201


@api.get("/tags")
def list_tags():
    counted = (
        select(Tag.name, func.count())
        .join(tagging, tagging.c.tag_id == Tag.id)
        .group_by(Tag.id, Tag.name)
        .order_by(Tag.name)
    )
    return {"items": [{"name": name, "posts": posts} for name, posts in db.session.execute(counted)]}
