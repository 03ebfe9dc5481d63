"""The whole database as a file, and back."""

import hmac
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from flask import Blueprint, current_app, request

from . import database
from .errors import Refused

blueprint = Blueprint("backup", __name__)
LARGEST = 8 * 1024 * 1024
MEDIA_TYPE = "application/vnd.sqlite3"


@blueprint.before_request
def require_token():
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), current_app.config["BACKUP_TOKEN"].encode()):
        raise Refused("The token is missing or wrong.", 401)


@blueprint.get("/backup")
def give_backup():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "notes.db")
        with closing(sqlite3.connect(path)) as copy:
            database.connection().backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        content = path.read_bytes()
    named = {"Content-Disposition": 'attachment; filename="notes.db"'}
    return content, 200, {"Content-Type": MEDIA_TYPE, **named}


@blueprint.post("/restore")
def restore():
    content = request.stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused("The file has more than 8 MiB.", 413)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "restored.db")
        path.write_bytes(content)
        with closing(sqlite3.connect(path)) as source:
            check(source)
            source.backup(database.connection())
    counted = "SELECT (SELECT COUNT(*) FROM notebooks), (SELECT COUNT(*) FROM notes)"
    notebooks, notes = database.connection().execute(counted).fetchone()
    return {"notebooks": notebooks, "notes": notes}


def check(source):
    """Refuse what is no backup of this app."""
    try:
        found = source.execute("PRAGMA integrity_check").fetchone()[0]
        shape = shape_of(source)
        orphans = source.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError:
        raise Refused("The file is no SQLite database.") from None
    if found != "ok":
        raise Refused("The database in the file is damaged.")
    if shape != own_shape():
        raise Refused("The database in the file is not one of this app.")
    if orphans:
        raise Refused("The database in the file has notes of no notebook.")


def own_shape():
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(database.SCHEMA)
        return shape_of(empty)


def shape_of(source):
    """Each table, view and trigger with its SQL."""
    rows = source.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return rows.fetchall()
