"""Rejected: the oldest note comes first."""

from notes import database


def init():
    database.create_table()


def add(text):
    return database.execute("INSERT INTO notes (text) VALUES (%s)", text)


def newest():
    return database.rows("SELECT id, text FROM notes ORDER BY id LIMIT 50")


def find(note_id):
    found = database.rows("SELECT id, text FROM notes WHERE id = %s", note_id)
    return found[0] if found else None
