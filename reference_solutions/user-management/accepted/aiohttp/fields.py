"""What is refused, and what the fields of a user may be."""

import json
import re

ROLES = ("member", "viewer", "admin")
ADDRESS = re.compile(r"[0-9A-Za-z_.+-]+@[0-9A-Za-z-]+([.][0-9A-Za-z-]+)+")


class Refused(Exception):
    def __init__(self, status, sentence):
        super().__init__(sentence)
        self.status = status


def holds(value, least, most):
    """Whether a value is a text that PostgreSQL can hold, of such a length."""
    if not isinstance(value, str) or not least <= len(value) <= most:
        return False
    return "\0" not in value and value.encode("utf-8", "ignore").decode() == value


CHECKS = {
    "email": lambda value: holds(value, 3, 100) and bool(ADDRESS.fullmatch(value)),
    "name": lambda value: holds(value, 1, 100) and bool(value.strip()),
    "role": lambda value: isinstance(value, str) and value in ROLES,
    "note": lambda value: holds(value, 0, 20_000),
    "password": lambda value: value is None or holds(value, 10, 200),
    "active": lambda value: isinstance(value, bool),
}


async def object_of(request):
    """The JSON object that a request has as its body."""
    try:
        body = json.loads((await request.read()).decode())
    except ValueError:
        raise Refused(400, "The body is no JSON.") from None
    if not isinstance(body, dict):
        raise Refused(400, "The body is no object.")
    return body


def checked(body, *without):
    for name, value in body.items():
        if name in without or name not in CHECKS:
            raise Refused(400, "A field is not known here.")
        if not CHECKS[name](value):
            raise Refused(400, f"The value of {name} cannot be taken.")
    return body
