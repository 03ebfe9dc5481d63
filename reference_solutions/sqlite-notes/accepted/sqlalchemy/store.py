"""The engine, transactions, and the database as a file."""

import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

from models import Book, Entry, db

TABLES = {
    "book": {"id", "name", "made"},
    "entry": {"id", "book_id", "title", "body", "made", "changed"},
}


class NoBackup(Exception):
    """What was handed in is no backup of this app."""


def options():
    return {"poolclass": NullPool, "connect_args": {"timeout": 4}}


def prepare(engine):
    """Have each connection check foreign keys and leave transactions to us."""

    @event.listens_for(engine, "connect")
    def connected(connection, _record):
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("contains", 2, _contains, deterministic=True)

    @event.listens_for(engine, "begin")
    def begin(connection):
        mode = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {mode}")


def _contains(text, query):
    return query.casefold() in text.casefold()


@contextmanager
def writing():
    """A session's transaction that writes, committed at its end."""
    session = db.session
    session.rollback()
    session.connection(execution_options={"writes": True})
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def backup():
    """A copy of the database, as it is at one moment."""
    db.session.rollback()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "backup.db")
        raw = db.engine.raw_connection()
        try:
            raw.driver_connection.execute("VACUUM INTO ?", [str(path)])
        finally:
            raw.close()
        return path.read_bytes()


def restore(content):
    """Put the rows of a backup in the place of those that are there, in one transaction."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "restored.db")
        path.write_bytes(content)
        _check(path)
        other = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        with other.connect() as source:
            books = [dict(row._mapping) for row in source.execute(Book.__table__.select())]
            entries = [dict(row._mapping) for row in source.execute(Entry.__table__.select())]
    with writing() as session:
        session.execute(Entry.__table__.delete())
        session.execute(Book.__table__.delete())
        if books:
            session.execute(Book.__table__.insert(), books)
        if entries:
            session.execute(Entry.__table__.insert(), entries)
    return len(books), len(entries)


def _check(path):
    with closing(sqlite3.connect(path)) as connection:
        try:
            sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchone()
            columns = {
                table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
                for table in TABLES
            }
        except sqlite3.DatabaseError as error:
            raise NoBackup("The file is no SQLite database.") from error
    if not sound or orphans or columns != TABLES:
        raise NoBackup("The file is no sound backup of these notes.")
