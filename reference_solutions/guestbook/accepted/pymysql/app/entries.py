"""The entries: pages of them, a search, what is sent."""

import re

from flask import Blueprint, abort, redirect, render_template, request

from . import fields
from .database import commit, rows, run

PAGE = 20
MOST = 10**9
LIST = """
    SELECT entries.id, author_id, name, message, rating
    FROM entries JOIN authors ON authors.id = author_id
    WHERE message LIKE %s OR name LIKE %s
    ORDER BY written_at DESC, entries.id DESC
    LIMIT %s OFFSET %s
"""
AUTHOR = "INSERT INTO authors (name) VALUES (%s) ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)"

blueprint = Blueprint("entries", __name__)


def page_number():
    found = request.args.get("page", "1")
    if not re.fullmatch("[0-9]+", found) or not found.strip("0"):
        abort(404)
    return min(int(found[:4000]), MOST)


def pattern(text):
    """What LIKE takes for any text that holds `text`."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"


@blueprint.get("/")
def entries():
    page, query = page_number(), request.args.get("q", "")
    looked_for = pattern(query)
    found = rows(LIST, looked_for, looked_for, PAGE + 1, (page - 1) * PAGE)
    return render_template(
        "entries.html", entries=found[:PAGE], query=query, next=page + 1 if found[PAGE:] else None
    )


@blueprint.post("/entries")
def add():
    name, message, rating = fields.name(), fields.message(), fields.rating()
    _, author = run(AUTHOR, name)
    run(
        "INSERT INTO entries (author_id, message, rating) VALUES (%s, %s, %s)",
        author,
        message,
        rating,
    )
    commit()
    return redirect("/", 303)


@blueprint.post("/entries/<int:number>/delete")
def delete(number):
    changed, _ = run("DELETE FROM entries WHERE id = %s", number)
    if not changed:
        abort(404)
    commit()
    return redirect("/", 303)
