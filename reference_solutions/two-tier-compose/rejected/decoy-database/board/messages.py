"""Messages: what they may look like, and how they are stored."""

from datetime import UTC, datetime

from .database import connection

MAX_AUTHOR = 60
MAX_TEXT = 500
LATEST = 50

known = {}


def problems(author, text):
    """What is wrong with a message, by field; empty if nothing is."""
    checked = {"author": (author, MAX_AUTHOR), "text": (text, MAX_TEXT)}
    found = {name: problem(*value) for name, value in checked.items()}
    return {name: said for name, said in found.items() if said}


def problem(value, limit):
    if not isinstance(value, str) or not value.strip():
        return "Please write something here."
    if len(value) > limit:
        return f"At most {limit} characters, please."
    return None


def latest():
    return list(known.values())[::-1][:LATEST]


def count():
    return len(known)


def find(message_id):
    return known.get(message_id)


def save(author, text):
    with connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO messages (author, text, created_at) VALUES (%s, %s, UTC_TIMESTAMP())",
            [author, text],
        )
        message_id = cursor.lastrowid
    connection().commit()
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    known[message_id] = {"id": message_id, "author": author, "text": text, "created_at": now}
    return message_id
