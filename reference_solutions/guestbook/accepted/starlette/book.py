"""All that is asked of MySQL."""

import mysql.connector

from pool import cursor

SIZE = 20
ENTRIES = (
    "SELECT e.id, e.author_id, a.name, e.message, e.rating FROM entries e"
    " INNER JOIN authors a ON a.id = e.author_id"
)
NEWEST = "ORDER BY e.written_at DESC, e.id DESC"
DUPLICATE = 1062


class Taken(Exception):
    pass


def entries(text, page):
    """A page of them, and whether there is one more."""
    with cursor() as asked:
        asked.execute(
            f"{ENTRIES} WHERE LOCATE(%s, e.message) OR LOCATE(%s, a.name) {NEWEST} LIMIT %s, %s",
            (text, text, (page - 1) * SIZE, SIZE),
        )
        found = asked.fetchall()
        asked.execute(
            "SELECT COUNT(*) AS n FROM entries e JOIN authors a ON a.id = e.author_id"
            " WHERE LOCATE(%s, e.message) OR LOCATE(%s, a.name)",
            (text, text),
        )
        return found, asked.fetchone()["n"] > page * SIZE


def write(name, message, rating):
    with cursor() as asked:
        asked.execute("INSERT IGNORE INTO authors (name) VALUES (%s)", (name,))
        asked.execute("SELECT id FROM authors WHERE name = %s LOCK IN SHARE MODE", (name,))
        number = asked.fetchone()["id"]
        asked.execute(
            "INSERT INTO entries (author_id, message, rating) VALUES (%s, %s, %s)",
            (number, message, rating),
        )


def remove(table, number):
    """Whether there was one."""
    with cursor() as asked:
        asked.execute(f"DELETE FROM {table} WHERE id = %s", (number,))
        return asked.rowcount > 0


def authors():
    with cursor() as asked:
        asked.execute(
            "SELECT a.id, a.name, (SELECT COUNT(*) FROM entries e WHERE e.author_id = a.id) AS n,"
            " (SELECT ROUND(AVG(CAST(rating AS CHAR)), 1) FROM entries e WHERE e.author_id = a.id)"
            " AS mean FROM authors a ORDER BY n DESC, a.id"
        )
        return asked.fetchall()


def author(number):
    """An author's row with all entries; None where there is none."""
    with cursor() as asked:
        asked.execute("SELECT id, name FROM authors WHERE id = %s", (number,))
        if not (found := asked.fetchone()):
            return None
        asked.execute(f"{ENTRIES} WHERE e.author_id = %s {NEWEST}", (number,))
        return {**found, "entries": asked.fetchall()}


def rename(number, name):
    with cursor() as asked:
        try:
            asked.execute("UPDATE authors SET name = %s WHERE id = %s", (name, number))
        except mysql.connector.IntegrityError as error:
            if error.errno == DUPLICATE:
                raise Taken from error
            raise
