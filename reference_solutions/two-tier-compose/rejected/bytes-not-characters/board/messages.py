"""Messages: what they may look like, and how they are stored."""

from .database import connection

MAX_AUTHOR = 60
MAX_TEXT = 500
LATEST = 50


def problems(author, text):
    """What is wrong with a message, by field; empty if nothing is."""
    checked = {"author": (author, MAX_AUTHOR), "text": (text, MAX_TEXT)}
    found = {name: problem(*value) for name, value in checked.items()}
    return {name: said for name, said in found.items() if said}


def problem(value, limit):
    if not isinstance(value, str) or not value.strip():
        return "Please write something here."
    if len(value.encode()) > limit:
        return f"At most {limit} characters, please."
    return None


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
