"""Checks of a JSON body."""

from flask import abort, request


def json_object():
    """The body as a dictionary."""
    body = request.get_json()  # answers 415 or 400 by itself where the body is no JSON
    if not isinstance(body, dict):
        abort(400, "The body has to be a JSON object.")
    return body


def text(body, name, longest):
    value = body.get(name)
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= longest:
        abort(400, f"{name} has to be a text of 1 to {longest} characters.")
    return value


def whole_number(body, name, lowest, highest):
    value = body.get(name)
    # In Python True is an int too, with the value 1.
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        abort(400, f"{name} has to be a whole number from {lowest} to {highest}.")
    return value
