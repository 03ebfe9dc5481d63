"""What a todo may look like."""

import re
from datetime import date

from .errors import Invalid

DEFAULTS = {"description": "", "done": False, "due_date": None}
FIELDS = ("title", *DEFAULTS)
MAX_TITLE = 120
MAX_DESCRIPTION = 1000


def problem_with(name, value):
    """What is wrong with the value of a field, or None."""
    if name == "title":
        if not isinstance(value, str) or not value.strip():
            return "It has to be a text that is not blank."
        if len(value) > MAX_TITLE:
            return f"It has to be at most {MAX_TITLE} characters long."
    elif name == "description":
        if not isinstance(value, str) or len(value) > MAX_DESCRIPTION:
            return f"It has to be a text of at most {MAX_DESCRIPTION} characters."
    elif name == "done":
        # isinstance(1, bool) is False, so 0 and 1 are refused.
        if not isinstance(value, bool):
            return "It has to be true or false."
    elif name == "due_date":
        if value is not None and not is_date(value):
            return "It has to be a date like 2030-01-31, or null."
    else:
        return "There is no such field, or it cannot be set."
    return None


def is_date(value):
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:  # 2030-02-30
        return False
    return True


def check(data, required=()):
    if not isinstance(data, dict):
        raise Invalid("The body has to be a JSON object.")
    fields = {name: problem_with(name, value) for name, value in data.items()}
    fields |= {name: "It is required." for name in required if name not in data}
    fields = {name: problem for name, problem in fields.items() if problem}
    if fields:
        raise Invalid("The todo is not valid.", fields)


def whole_todo(data):
    """All fields of a todo from the body of a POST or PUT."""
    check(data, required=["title"])
    return DEFAULTS | data


def changes(data):
    """The fields to change from the body of a PATCH."""
    check(data)
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
    return None if text is None else text == "true"
