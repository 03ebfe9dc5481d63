"""What the fields of a user have to be like."""

import re

from flask import abort, request

ROLES = ("member", "viewer", "admin")
EMAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""What no text of PostgreSQL holds."""


def is_text(value, least, most):
    return isinstance(value, str) and least <= len(value) <= most and not UNSTORABLE.search(value)


def is_email(value):
    return is_text(value, 3, 100) and EMAIL.fullmatch(value) is not None


def is_password(value):
    return value is None or is_text(value, 10, 200)


RULES = {
    "email": (is_email, "email should be an address of at most 100 characters"),
    "name": (
        lambda value: is_text(value, 1, 100) and not value.isspace(),
        "name should be a text of 1 to 100 characters",
    ),
    "role": (lambda value: value in ROLES, f"role should be one of {', '.join(ROLES)}"),
    "active": (lambda value: isinstance(value, bool), "active should be true or false"),
    "note": (lambda value: is_text(value, 0, 20_000), "note should be a text of at most 20000"),
    "password": (is_password, "password should be a text of 10 to 200 characters, or null"),
}


def body():
    """The JSON object that was sent."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        abort(400, "The body should be a JSON object.")
    return sent


def checked(sent, known):
    """Return `sent`, whose fields are all among `known` and keep their rules."""
    for name, value in sent.items():
        if name not in known:
            abort(400, "There is a field that a user does not have.")
        good, rule = RULES[name]
        if not good(value):
            abort(400, f"{rule}.")
    return sent
