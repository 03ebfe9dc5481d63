"""The SQLite file: its tables, a connection for each request, and transactions."""

import sqlite3
from contextlib import contextmanager

from flask import current_app, g

BUSY_SECONDS = 4
SCHEMA = """
CREATE TABLE IF NOT EXISTS notebooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    notebook_id INTEGER NOT NULL REFERENCES notebooks (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS notes_by_notebook ON notes (notebook_id);
"""


def open_connection(path):
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.create_function("folded", 1, lambda text: text.casefold(), deterministic=True)
    return connection


def create_tables(path):
    connection = open_connection(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
    finally:
        connection.close()


def connection():
    """The connection of the present request."""
    if "connection" not in g:
        g.connection = open_connection(current_app.config["DATABASE_PATH"])
    return g.connection


def close(_error=None):
    if "connection" in g:
        g.pop("connection").close()


@contextmanager
def transaction():
    """A transaction that writes: others that do wait for it from its beginning."""
    database = connection()
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
