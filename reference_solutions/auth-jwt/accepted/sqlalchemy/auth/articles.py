"""The articles, which permissions are tried on."""

from flask import Blueprint, abort, g

from .bodies import body
from .guard import may, needs
from .models import Article, db

articles = Blueprint("articles", __name__, url_prefix="/articles")


def find(article_id):
    return db.get_or_404(Article, article_id, description="There is no such article.")


@articles.get("")
@needs("read")
def index():
    return {"articles": [one.as_dict() for one in db.session.scalars(db.select(Article))]}


@articles.post("")
@needs("write")
def add():
    (title,) = body("title")
    article = Article(title=title, author=g.user)
    db.session.add(article)
    db.session.commit()
    return article.as_dict(), 201


@articles.put("/<article_id>")
@needs("write")
def change(article_id):
    article = find(article_id)
    if article.author_id != g.user.id and not may("write of others"):
        abort(403, "This is somebody else's article.")
    (article.title,) = body("title")
    db.session.commit()
    return article.as_dict()


@articles.delete("/<article_id>")
@needs("delete")
def delete(article_id):
    db.session.delete(find(article_id))
    db.session.commit()
    return "", 204
