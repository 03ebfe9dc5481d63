"""Authors."""

from flask import Blueprint, abort, redirect, render_template
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from .forms import line
from .models import Author, Entry, Session

authors = Blueprint("authors", __name__)
MOST = 2**31 - 1


def one(number):
    return (Session.get(Author, number) if number <= MOST else None) or abort(404)


@authors.get("")
def index():
    count = func.count(Entry.id)
    found = Session.execute(
        select(Author.id, Author.name, count, func.avg(Entry.rating))
        .outerjoin(Entry)
        .group_by(Author.id)
        .order_by(count.desc(), Author.id)
    )
    return render_template("authors.html", authors=found.all())


@authors.get("/<int:number>")
def show(number):
    return render_template("author.html", author=one(number))


@authors.post("/<int:number>/rename")
def rename(number):
    one(number).name = line("name", 50)
    try:
        Session.commit()
    except IntegrityError:
        abort(409)
    return redirect(f"/authors/{number}")


@authors.post("/<int:number>/delete")
def remove(number):
    Session.delete(one(number))
    Session.commit()
    return redirect("/authors")
