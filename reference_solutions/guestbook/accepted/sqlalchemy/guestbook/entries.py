"""Entries."""

from flask import Blueprint, abort, redirect, render_template, request
from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError

from .forms import choice, line, prose
from .models import Author, Entry, Session

entries = Blueprint("entries", __name__)
SIZE = 20


def author_named(name):
    """The author of that name, who is added where there is none."""
    wanted = select(Author).where(Author.name == name)
    if found := Session.scalar(wanted):
        return found
    try:
        with Session.begin_nested():
            Session.add(author := Author(name=name))
        return author
    except IntegrityError:  # somebody was faster
        return Session.scalars(wanted).one()


@entries.get("/")
def index():
    number = request.args.get("page", "1")
    if not (number.isascii() and number.isdigit() and int(number)):
        abort(400)
    first, q = (int(number) - 1) * SIZE, request.args.get("q", "")
    if first > 2**40:
        abort(404)
    wanted = select(Entry).join(Entry.author).order_by(Entry.written_at.desc(), Entry.id.desc())
    if q:
        fits = [one.contains(q, autoescape=True, escape="|") for one in (Entry.message, Author.name)]
        wanted = wanted.where(or_(*fits))
    found = Session.scalars(wanted.offset(first).limit(SIZE + 1)).all()
    return render_template(
        "index.html", entries=found[:SIZE], q=q, page=int(number), more=len(found) > SIZE
    )


@entries.post("/entries")
def write():
    name = line("name", 50)
    values = {"message": prose("message", 500), "rating": choice("rating", list("12345"))}
    author = author_named(name)
    Session.add(Entry(author_id=author.id, **values))
    Session.commit()
    return redirect("/")


@entries.post("/entries/<int:number>/delete")
def remove(number):
    if not Session.execute(delete(Entry).where(Entry.id == number)).rowcount:
        abort(404)
    Session.commit()
    return redirect("/")
