"""The bodies of requests, checked."""

import re

from flask import abort, request

RULES = {
    "username": (r"[a-z0-9_]{3,30}", "has 3 to 30 characters: a to z, 0 to 9 and _"),
    "password": (r"[\x20-\x7e]{8,64}", "has 8 to 64 printable ASCII characters"),
    "title": (r"(?s)(?=.*\S).{1,200}", "has 1 to 200 characters and is not only blanks"),
    "role": (r"reader|editor|admin", "is reader, editor or admin"),
    "refresh_token": (r"[\x21-\x7e]{1,2000}", "is a text"),
}


def body(*names):
    """The values of those names, in their order."""
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        abort(400, "Send a JSON object as application/json.")
    for name in names:
        pattern, rule = RULES[name]
        value = data.get(name)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            abort(400, f"{name} {rule}.")
    return [data[name] for name in names]
