"""The authors: the list, a page for each, another name."""

import pymysql
from flask import Blueprint, abort, redirect, render_template

from . import fields
from .database import commit, row, rows, run

LIST = """
    SELECT authors.id, name, COUNT(entries.id) AS entries, AVG(rating) AS average
    FROM authors LEFT JOIN entries ON author_id = authors.id
    GROUP BY authors.id
    ORDER BY entries DESC, authors.id
"""
ENTRIES = """
    SELECT id, message, rating FROM entries WHERE author_id = %s ORDER BY written_at DESC, id DESC
"""

blueprint = Blueprint("authors", __name__, url_prefix="/authors")


def author_of(number):
    found = row("SELECT id, name FROM authors WHERE id = %s", number)
    return found or abort(404)


@blueprint.get("")
def authors():
    return render_template("authors.html", authors=rows(LIST))


@blueprint.get("/<int:number>")
def author(number):
    return render_template("author.html", author=author_of(number), entries=rows(ENTRIES, number))


@blueprint.post("/<int:number>/rename")
def rename(number):
    author_of(number)
    name = fields.name()
    try:
        run("UPDATE authors SET name = %s WHERE id = %s", name, number)
    except pymysql.err.IntegrityError:
        abort(409, "Another author has this name.")
    commit()
    return redirect(f"/authors/{number}", 303)


@blueprint.post("/<int:number>/delete")
def delete(number):
    changed, _ = run("DELETE FROM authors WHERE id = %s", number)
    if not changed:
        abort(404)
    commit()
    return redirect("/authors", 303)
