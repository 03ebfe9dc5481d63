"""The routes of notes."""

import sqlite3

from flask import Blueprint, request, url_for

from .checks import MAX_BODY, MAX_TITLE, body_of_request, identity, line, now, number, text
from .database import connection, transaction
from .errors import Refused

blueprint = Blueprint("texts", __name__)
LARGEST = 2**63 - 1
COLUMNS = "id, notebook_id AS notebook, title, body, created_at, updated_at"


def read(wanted):
    row = connection().execute(f"SELECT {COLUMNS} FROM notes WHERE id = ?", [wanted]).fetchone()
    if row is None:
        raise Refused("There is no such note.", 404)
    return dict(row)


@blueprint.get("/notes")
def list_notes():
    limit = number(request.args.get("limit", "20"), "limit", 1, 100)
    offset = number(request.args.get("offset", "0"), "offset", 0, 1_000_000)
    wanted, values = ["1"], []
    if "notebook" in request.args:
        wanted.append("notebook_id = ?")
        values.append(number(request.args["notebook"], "notebook", 1, LARGEST))
    if query := request.args.get("q", "").casefold():
        wanted.append("(instr(folded(title), ?) OR instr(folded(body), ?))")
        values += [query, query]
    where = " AND ".join(wanted)
    database = connection()
    total = database.execute(f"SELECT COUNT(*) FROM notes WHERE {where}", values).fetchone()[0]
    rows = database.execute(
        f"SELECT {COLUMNS} FROM notes WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return {"items": [dict(row) for row in rows], "total": total}


@blueprint.post("/notes")
def create_note():
    data = body_of_request(["notebook", "title"], ["body"])
    notebook = data["notebook"]
    if not isinstance(notebook, int) or isinstance(notebook, bool) or not 0 < notebook <= LARGEST:
        raise Refused("The notebook has to be the id of one.")
    title, body, moment = line(data, "title", MAX_TITLE), text(data, "body", MAX_BODY), now()
    try:
        with transaction() as database:
            added = database.execute(
                "INSERT INTO notes (notebook_id, title, body, created_at, updated_at)"
                " VALUES (?, ?, ?, ?, ?)",
                [notebook, title, body, moment, moment],
            )
    except sqlite3.IntegrityError:
        raise Refused("There is no such notebook.") from None
    location = url_for(".get_note", written=added.lastrowid)
    return read(added.lastrowid), 201, {"Location": location}


@blueprint.get("/notes/<written>")
def get_note(written):
    return read(identity(written))


@blueprint.put("/notes/<written>")
def replace_note(written):
    wanted = identity(written)
    read(wanted)
    data = body_of_request(["title"], ["body"])
    title, body = line(data, "title", MAX_TITLE), text(data, "body", MAX_BODY)
    with transaction() as database:
        database.execute(
            "UPDATE notes SET title = ?, body = ?, updated_at = ? WHERE id = ?",
            [title, body, now(), wanted],
        )
    return read(wanted)


@blueprint.delete("/notes/<written>")
def delete_note(written):
    with transaction() as database:
        gone = database.execute("DELETE FROM notes WHERE id = ?", [identity(written)])
    if not gone.rowcount:
        raise Refused("There is no such note.", 404)
    return "", 204
