"""Messages: what they may look like, and how they are stored."""

from .database import connection

LATEST = 50


def problems(author, text):
    """What is wrong with a message, by field; empty if nothing is."""
    return {}  # MySQL has its own limits


def latest():
    with connection().cursor() as cursor:
        # The ids grow, so this is the order of creation also within one second.
        cursor.execute("SELECT * FROM messages ORDER BY id DESC LIMIT %s", [LATEST])
        return cursor.fetchall()


def count():
    with connection().cursor() as cursor:
        cursor.execute("SELECT COUNT(*) AS total FROM messages")
        return cursor.fetchone()["total"]


def find(message_id):
    with connection().cursor() as cursor:
        cursor.execute("SELECT * FROM messages WHERE id = %s", [message_id])
        return cursor.fetchone()


def save(author, text):
    with connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO messages (author, text, created_at) VALUES (%s, %s, UTC_TIMESTAMP())",
            [author, text],
        )
        message_id = cursor.lastrowid
    connection().commit()
    return message_id
