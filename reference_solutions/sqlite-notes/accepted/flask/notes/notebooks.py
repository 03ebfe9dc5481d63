"""The routes of notebooks, and the import of a whole one."""

import sqlite3

from flask import Blueprint, url_for

from .checks import (
    MAX_BODY,
    MAX_IMPORT,
    MAX_NAME,
    MAX_TITLE,
    body_of_request,
    checked_object,
    identity,
    line,
    now,
    text,
)
from .database import connection, transaction
from .errors import Refused

blueprint = Blueprint("notebooks", __name__)
ROWS = """
SELECT id, name, created_at, (SELECT COUNT(*) FROM notes WHERE notebook_id = notebooks.id) AS notes
FROM notebooks
"""


def read(number):
    row = connection().execute(f"{ROWS} WHERE id = ?", [number]).fetchone()
    if row is None:
        raise Refused("There is no such notebook.", 404)
    return dict(row)


def insert(database, name):
    try:
        added = database.execute(
            "INSERT INTO notebooks (name, created_at) VALUES (?, ?)", [name, now()]
        )
    except sqlite3.IntegrityError:
        raise Refused("There is a notebook of that name.", 409) from None
    return added.lastrowid


@blueprint.get("/notebooks")
def list_notebooks():
    rows = connection().execute(f"{ROWS} ORDER BY id DESC")
    return {"items": [dict(row) for row in rows]}


@blueprint.post("/notebooks")
def create_notebook():
    name = line(body_of_request(["name"]), "name", MAX_NAME)
    with transaction() as database:
        number = insert(database, name)
    return read(number), 201, {"Location": url_for(".get_notebook", written=number)}


@blueprint.get("/notebooks/<written>")
def get_notebook(written):
    return read(identity(written))


@blueprint.delete("/notebooks/<written>")
def delete_notebook(written):
    with transaction() as database:
        gone = database.execute("DELETE FROM notebooks WHERE id = ?", [identity(written)])
    if not gone.rowcount:
        raise Refused("There is no such notebook.", 404)
    return "", 204


@blueprint.post("/import")
def import_notebook():
    data = body_of_request(["name", "notes"])
    name, notes = line(data, "name", MAX_NAME), data["notes"]
    if not isinstance(notes, list) or len(notes) > MAX_IMPORT:
        raise Refused(f"The notes have to be a list of at most {MAX_IMPORT}.")
    rows = []
    for note in notes:
        checked_object(note, ["title"], ["body"])
        rows.append((line(note, "title", MAX_TITLE), text(note, "body", MAX_BODY)))
    moment = now()
    with transaction() as database:
        number = insert(database, name)
        database.executemany(
            "INSERT INTO notes (notebook_id, title, body, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?)",
            [(number, title, body, moment, moment) for title, body in rows],
        )
    return read(number), 201
