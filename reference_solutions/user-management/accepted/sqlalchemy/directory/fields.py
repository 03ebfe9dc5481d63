"""What may be sent of a user, field by field."""

import re

from .models import ROLES

ADDRESS = re.compile(r"[\w.+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII | re.IGNORECASE)


class Wrong(Exception):
    """What was sent breaks a rule; `str()` says which."""


def text(value, what, least=0, most=None):
    if not isinstance(value, str):
        raise Wrong(f"{what} has to be a text.")
    if len(value) < least or (most is not None and len(value) > most):
        raise Wrong(f"{what} has to have {least} to {most} characters.")
    if "\0" in value:
        raise Wrong(f"{what} holds a NUL, which no text of the database can.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Wrong(f"{what} holds half of a character.") from None
    return value


def email(value):
    if not ADDRESS.fullmatch(text(value, "email", 3, 100)):
        raise Wrong("email has to be an e-mail address.")
    return value


def name(value):
    if not text(value, "name", 1, 100).strip():
        raise Wrong("name has to be more than white space.")
    return value


def role(value):
    if text(value, "role") not in ROLES:
        raise Wrong("role has to be member, viewer or admin.")
    return value


def active(value):
    if value is not True and value is not False:
        raise Wrong("active has to be true or false.")
    return value


def note(value):
    return text(value, "note", 0, 20_000)


def password(value):
    return None if value is None else text(value, "password", 10, 200)


NEW = {"email": email, "name": name, "role": role, "note": note, "password": password}
CHANGE = NEW | {"active": active}


def read(body, known):
    """The values of a body, each by its rule."""
    if not isinstance(body, dict):
        raise Wrong("Send a JSON object.")
    if unknown := body.keys() - known.keys():
        raise Wrong(f"Unknown fields: {len(unknown)}.")
    return {name: known[name](value) for name, value in body.items()}
