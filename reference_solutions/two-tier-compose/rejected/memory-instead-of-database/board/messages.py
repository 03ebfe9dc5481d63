"""Messages: what they may look like, and how they are stored."""

from datetime import UTC, datetime

MAX_AUTHOR = 60
MAX_TEXT = 500
LATEST = 50

stored = []


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
    return stored[::-1][:LATEST]


def count():
    return len(stored)


def find(message_id):
    return stored[message_id - 1] if 1 <= message_id <= len(stored) else None


def save(author, text):
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    stored.append({"id": len(stored) + 1, "author": author, "text": text, "created_at": now})
    return len(stored)
