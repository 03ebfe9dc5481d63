"""Rejected: only English survives."""

from notes import database


def init():
    database.create_table()


def add(text):
    text = text.encode("ascii", "replace").decode()
    return database.execute("INSERT INTO notes (text) VALUES (%s)", text)


def newest():
    return database.rows("SELECT id, text FROM notes ORDER BY id DESC LIMIT 50")


def find(note_id):
    found = database.rows("SELECT id, text FROM notes WHERE id = %s", note_id)
    return found[0] if found else None
