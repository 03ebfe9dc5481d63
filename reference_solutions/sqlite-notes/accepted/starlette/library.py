"""Notebooks and notes in one SQLite file, by one connection."""

import sqlite3
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property

TABLES = (
    """CREATE TABLE IF NOT EXISTS shelf (
        number INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL UNIQUE, since TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS page (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        shelf INTEGER NOT NULL,
        heading TEXT NOT NULL, text TEXT NOT NULL,
        folded_heading TEXT NOT NULL, folded_text TEXT NOT NULL,
        since TEXT NOT NULL, changed TEXT NOT NULL,
        FOREIGN KEY (shelf) REFERENCES shelf (number) ON DELETE CASCADE
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS page_by_shelf ON page (shelf)",
)
NOTE = "number AS id, shelf AS notebook, heading AS title, text AS body, since, changed"
BOOK = """number AS id, label AS name, since,
    (SELECT COUNT(*) FROM page WHERE page.shelf = shelf.number) AS notes"""


class Refused(Exception):
    """What was asked for cannot be done; `status` is that of the answer."""

    def __init__(self, status, message):
        self.status = status
        super().__init__(message)


def moment():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Library:
    """All of it; safe from several threads, of which one works at a time."""

    def __init__(self, path):
        self._path = path
        self._turn = threading.RLock()

    @cached_property
    def _database(self):
        database = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA foreign_keys = ON")
        return database

    def prepare(self):
        """Make the tables, where they can be made."""
        try:
            self._database.execute("PRAGMA journal_mode = TRUNCATE")
            self._make_tables()
        except sqlite3.OperationalError:
            pass  # the volume is read-only; each request says so

    def _make_tables(self):
        for statement in TABLES:
            self._database.execute(statement)

    @contextmanager
    def _writing(self):
        with self._turn:
            database = self._database
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise

    def _rows(self, sql, *values):
        with self._turn:
            return [dict(row) for row in self._database.execute(sql, values).fetchall()]

    # -- notebooks -------------------------------------------------------------------------

    def books(self):
        return [_book(row) for row in self._rows(f"SELECT {BOOK} FROM shelf ORDER BY number DESC")]

    def book(self, number):
        rows = self._rows(f"SELECT {BOOK} FROM shelf WHERE number = ?", number)
        if not rows:
            raise Refused(404, "There is no such notebook.")
        return _book(rows[0])

    def add_book(self, name, notes=()):
        now = moment()
        try:
            with self._writing() as database:
                added = database.execute(
                    "INSERT INTO shelf (label, since) VALUES (?, ?)", (name, now)
                )
                for title, body in notes:
                    _insert(database, added.lastrowid, title, body, now)
        except sqlite3.IntegrityError:
            raise Refused(409, "There is a notebook of that name.") from None
        return self.book(added.lastrowid)

    def remove_book(self, number):
        self._remove("shelf", number, "notebook")

    def _remove(self, table, number, what):
        with self._writing() as database:
            gone = database.execute(f"DELETE FROM {table} WHERE number = ?", (number,))
        if not gone.rowcount:
            raise Refused(404, f"There is no such {what}.")

    # -- notes -----------------------------------------------------------------------------

    def notes(self, book, text, limit, offset):
        where, values = "1", []
        if book is not None:
            where, values = "shelf = ?", [book]
        if text:
            where += " AND (instr(folded_heading, ?) > 0 OR instr(folded_text, ?) > 0)"
            values += [text.casefold()] * 2
        with self._turn:
            total = self._rows(f"SELECT COUNT(*) AS n FROM page WHERE {where}", *values)[0]["n"]
            rows = self._rows(
                f"SELECT {NOTE} FROM page WHERE {where} ORDER BY number DESC LIMIT ? OFFSET ?",
                *values, limit, offset,
            )  # fmt: skip
        return [_note(row) for row in rows], total

    def note(self, number):
        rows = self._rows(f"SELECT {NOTE} FROM page WHERE number = ?", number)
        if not rows:
            raise Refused(404, "There is no such note.")
        return _note(rows[0])

    def add_note(self, book, title, body):
        try:
            with self._writing() as database:
                number = _insert(database, book, title, body, moment())
        except sqlite3.IntegrityError:
            raise Refused(400, "There is no such notebook.") from None
        return self.note(number)

    def change_note(self, number, title, body):
        with self._writing() as database:
            database.execute(
                "UPDATE page SET heading = ?, text = ?, folded_heading = ?, folded_text = ?,"
                " changed = ? WHERE number = ?",
                (title, body, title.casefold(), body.casefold(), moment(), number),
            )
        return self.note(number)

    def remove_note(self, number):
        self._remove("page", number, "note")

    # -- the whole -------------------------------------------------------------------------

    def backup(self):
        with self._turn:
            return bytes(self._database.serialize())

    def restore(self, content):
        """Replace everything, in one step, by a database that is sound and one of ours."""
        if not content.startswith(b"SQLite format 3\0"):
            raise Refused(400, "The file is no SQLite database.")
        other = sqlite3.connect(":memory:")
        try:
            try:
                other.deserialize(content)
                sound = other.execute("PRAGMA quick_check").fetchone() == ("ok",)
                sound = sound and other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                alike = _columns(other) == _columns(self._empty())
                orphans = other.execute("PRAGMA foreign_key_check").fetchone()
            except (sqlite3.DatabaseError, OverflowError, ValueError):
                raise Refused(400, "The file is no SQLite database.") from None
            if not sound or not alike or orphans:
                raise Refused(400, "The file is no sound backup of these notes.")
            with self._turn:
                other.backup(self._database)
        finally:
            other.close()
        books = self.books()
        return {"notebooks": len(books), "notes": sum(one["notes"] for one in books)}

    @staticmethod
    def _empty():
        empty = sqlite3.connect(":memory:")
        for statement in TABLES:
            empty.execute(statement)
        return empty


def _columns(database):
    tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {
        name: [row[1:4] for row in database.execute(f'PRAGMA table_info("{name}")')]
        for (name,) in tables
        if name in {"shelf", "page"}
    }


def _insert(database, book, title, body, now):
    return database.execute(
        "INSERT INTO page (shelf, heading, text, folded_heading, folded_text, since, changed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (book, title, body, title.casefold(), body.casefold(), now, now),
    ).lastrowid


def _book(row):
    return {"id": row["id"], "name": row["name"], "notes": row["notes"], "created_at": row["since"]}


def _note(row):
    since, changed = row.pop("since"), row.pop("changed")
    return {**row, "created_at": since, "updated_at": changed}
