"""What a client may send."""

from datetime import UTC, datetime

from flask import request

from .errors import Refused

MAX_NAME, MAX_TITLE, MAX_BODY, MAX_IMPORT = 80, 120, 20_000, 500


def now():
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def body_of_request(required, optional=()):
    """The JSON object of the request, with no other keys than these."""
    if not request.is_json:
        raise Refused("Send the body as application/json.", 415)
    return checked_object(request.get_json(), required, optional)


def checked_object(data, required, optional=()):
    if not isinstance(data, dict):
        raise Refused("The body has to be a JSON object.")
    if missing := [name for name in required if name not in data]:
        raise Refused(f"The field {missing[0]} is missing.")
    if set(data) - {*required, *optional}:
        raise Refused("The body has a field that is not known.")
    return data


def text(data, field, most):
    value = data.get(field, "")
    if not isinstance(value, str):
        raise Refused(f"The {field} has to be a text.")
    if len(value) > most:
        raise Refused(f"The {field} has more than {most} characters.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused(f"The {field} holds half of a character.") from None
    return value


def line(data, field, most):
    """A text that is not blank."""
    value = text(data, field, most)
    if not value.strip():
        raise Refused(f"The {field} must not be blank.")
    return value


def number(written, name, low, high):
    """A number of a query, in the digits 0 to 9."""
    if not (written.isascii() and written.isdigit() and len(written) <= 19):
        raise Refused(f"{name} has to be a whole number.")
    if not low <= int(written) <= high:
        raise Refused(f"{name} has to be from {low} to {high}.")
    return int(written)


def identity(written):
    """The id in a path; one that can be none is that of nothing."""
    plain = written.isascii() and written.isdigit() and len(written) <= 18
    return int(written) if plain else 0
