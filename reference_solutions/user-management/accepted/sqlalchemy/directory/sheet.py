"""The export: rows that come one by one from the server's cursor."""

import csv

from flask import Response
from sqlalchemy import select

from .models import User, db

HEAD = ("id", "email", "name", "role", "active", "note", "created_at")
SIGNS = "=+-@\t\r"


class Line:
    """A file of one line, for the csv module."""

    def write(self, text):
        self.text = text


def plain(text):
    return f"'{text}" if text[:1] and text[0] in SIGNS else text


def lines(engine, query):
    line = Line()
    writer = csv.writer(line)
    writer.writerow(HEAD)
    yield line.text
    with engine.connect().execution_options(yield_per=50) as connection:
        for number, email, name, role, active, note, moment in connection.execute(query):
            writer.writerow([
                number, plain(email), plain(name), role, str(active).lower(), plain(note),
                moment.isoformat(),
            ])  # fmt: skip
            yield line.text


def response(found):
    table = User.__table__.c
    query = select(*(table[name] for name in HEAD)).where(*found).order_by(User.id)
    return Response(
        lines(db.engine, query),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="users.csv"'},
    )
