"""What a todo may look like."""

import re

from .errors import Invalid

DEFAULTS = {"description": "", "done": False, "due_date": None}


def whole_todo(data):
    """All fields of a todo from the body of a POST or PUT."""
    return DEFAULTS | data


def changes(data):
    """The fields to change from the body of a PATCH."""
    if not data:
        raise Invalid("Name at least one field to change.")
    return data


def number(args, name, default, maximum):
    """A query parameter that is a whole number from 1 to `maximum`."""
    text = args.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= maximum:
        raise Invalid(f"{name} has to be a whole number from 1 to {maximum}.")
    return int(text)


def flag(args, name):
    """A query parameter that is true or false; None where it is not there."""
    text = args.get(name)
    if text not in (None, "true", "false"):
        raise Invalid(f"{name} has to be true or false.")
    return None if text is None else text == "true"
