"""What a request has to be like."""

from flask import request


class Refused(Exception):
    """A request that is answered with an error of 4xx."""

    def __init__(self, status, word, message, **more):
        super().__init__(message)
        self.status, self.word, self.message, self.more = status, word, message, more


def not_found(what):
    return Refused(404, "not_found", f"There is no such {what}.")


def body():
    """The JSON object that was sent."""
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise Refused(400, "invalid_body", "Send a JSON object.")
    return found


def whole_number(found, name, most):
    value = found.get(name)
    if type(value) is not int or not 1 <= value <= most:
        raise Refused(400, f"invalid_{name}", f"{name} is a whole number from 1 to {most}.")
    return value


def text(found, name):
    value = found.get(name)
    if not isinstance(value, str):
        raise Refused(400, f"invalid_{name}", f"{name} is a text.")
    return value
