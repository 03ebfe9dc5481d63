"""What may stand in the body of a request."""

import re

from flask import abort, request

ROLES = ("reader", "editor", "admin")
NAME = re.compile(r"[a-z0-9_]{3,30}")
PASSWORD = re.compile(r"[ -~]{8,64}")


def text(name):
    """The text that the body has under that name."""
    data = request.get_json(force=True, silent=True)
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, str):
        abort(400, f"The body has to be a JSON object with a text called {name}.")
    return value


def credentials():
    """Username and password, as they came."""
    return text("username"), text("password")


def new_credentials():
    """The same, for an account that is to be made."""
    username, password = credentials()
    if not NAME.fullmatch(username):
        abort(400, "A username has 3 to 30 characters: a to z, 0 to 9 and _.")
    if not PASSWORD.fullmatch(password):
        abort(400, "A password has 8 to 64 printable ASCII characters.")
    return username, password


def title():
    value = text("title")
    if not value.strip() or len(value) > 200:
        abort(400, "A title has 1 to 200 characters and is not only blanks.")
    return value


def role():
    value = text("role")
    if value not in ROLES:
        abort(400, f"A role is one of {', '.join(ROLES)}.")
    return value
