"""What a request has to be like."""

import re

from flask import request

SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
TAG = re.compile("[a-z0-9]{1,30}")
LARGEST = 2**31 - 1


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


def sent():
    """The JSON object of the request."""
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        raise Refused(400, "The body has to be a JSON object.")
    return found


def text(found, name, most):
    value = found.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise Refused(400, f"{name} has to be a text of 1 to {most} characters.")
    if re.search("[\ud800-\udfff]", value):
        raise Refused(400, f"{name} holds half of a character.")
    return value


def slug(found):
    value = found.get("slug")
    if not is_slug(value):
        raise Refused(400, "slug has to be groups of a to z and 0 to 9 with hyphens between them.")
    return value


def is_slug(value):
    return isinstance(value, str) and len(value) <= 80 and bool(SLUG.fullmatch(value))


def author_id(found):
    value = found.get("author_id")
    if type(value) is not int or not 0 < value <= LARGEST:
        raise Refused(400, "author_id has to be the id of a user.")
    return value


def tags(value):
    """The names, each once, in their order."""
    if not isinstance(value, list) or len(value) > 5:
        raise Refused(400, "tags has to be a list of at most 5 names.")
    if not all(isinstance(name, str) and TAG.fullmatch(name) for name in value):
        raise Refused(400, "A tag has 1 to 30 characters from a to z and 0 to 9.")
    return sorted(set(value))


def number(name, default, most):
    """A parameter of the query from 1 to `most`."""
    value = request.args.get(name)
    if value is None:
        return default
    if not re.fullmatch("[0-9]{1,7}", value) or not 1 <= int(value) <= most:
        raise Refused(400, f"{name} has to be a whole number from 1 to {most}.")
    return int(value)
