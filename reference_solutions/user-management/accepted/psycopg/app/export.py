"""The directory as CSV, row by row."""

import csv
import io

from flask import Blueprint, Response, current_app, request

from . import database, queries, sessions
from .users import FIELDS

blueprint = Blueprint("export", __name__)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
ROWS = 100
"""How many are in memory at a time."""


def safe(text):
    """Return `text` so that no spreadsheet calculates it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def cells(row):
    return [
        row["id"],
        safe(row["email"]),
        safe(row["name"]),
        row["role"],
        "true" if row["active"] else "false",
        safe(row["note"]),
        row["created_at"].isoformat(),
    ]


def lines(pool, sql, values):
    """The lines of the export; the connection goes back when it ends, or is broken off."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(FIELDS.split(", "))
    with database.pooled(pool) as connection, connection.cursor(name="export") as cursor:
        cursor.itersize = ROWS
        cursor.execute(sql, values)
        for row in cursor:
            writer.writerow(cells(row))
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


@blueprint.get("/users.csv")
@sessions.for_roles("viewer", "admin")
def export():
    queries.only(request.args, queries.FILTERS)
    where, values = queries.where(queries.conditions(request.args))
    sql = f"SELECT {FIELDS} FROM users {where} ORDER BY id"
    return Response(
        lines(current_app.extensions["pool"], sql, values),
        mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=users.csv"},
    )
