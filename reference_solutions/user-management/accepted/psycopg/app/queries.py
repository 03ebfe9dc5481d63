"""Search, filters, sorts and cursors."""

import base64
import json
import re
from datetime import datetime

from flask import abort

from .rules import ROLES, is_text

SORTS = ("id", "name", "email", "created_at")
FILTERS = ("q", "role", "active")
LARGEST = 2**63 - 1


def only(args, known):
    for name in args:
        if name not in known:
            abort(400, "There is a parameter that this route does not have.")


def number(args, name, least, most, default):
    text = args.get(name)
    if text is None:
        return default
    if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
        abort(400, f"{name} should be a whole number from {least} to {most}.")
    return int(text)


def escaped(text):
    """Return `text` with what LIKE takes for more than itself escaped."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def conditions(args):
    """The conditions of a search, each with its values."""
    found = []
    q = args.get("q", "")
    if not is_text(q, 0, 100):
        abort(400, "q should be a text of at most 100 characters.")
    if q:
        pattern = f"%{escaped(q)}%"
        found.append(("(name ILIKE %s OR email ILIKE %s)", [pattern, pattern]))
    if "role" in args:
        if args["role"] not in ROLES:
            abort(400, f"role should be one of {', '.join(ROLES)}.")
        found.append(("role = %s", [args["role"]]))
    if "active" in args:
        if args["active"] not in ("true", "false"):
            abort(400, "active should be true or false.")
        found.append(("active = %s", [args["active"] == "true"]))
    return found


def where(found):
    """A WHERE of conditions, and their values."""
    text = " AND ".join(condition for condition, _ in found) or "TRUE"
    return f"WHERE {text}", [value for _, values in found for value in values]


def sort_of(args):
    """The column that is sorted by, and whether from the largest on."""
    sort = args.get("sort", "id")
    column = sort.removeprefix("-")
    if column not in SORTS:
        abort(400, f"sort should be one of {', '.join(SORTS)}, with - in front or without.")
    return column, sort.startswith("-")


def order(column, down):
    way = "DESC" if down else "ASC"
    return f"ORDER BY {column} {way}, id"


def cursor_after(row, column, down):
    """The cursor of the page that begins after `row`."""
    value = row[column].isoformat() if column == "created_at" else row[column]
    told = json.dumps([column, down, value, row["id"]], ensure_ascii=False)
    return base64.urlsafe_b64encode(told.encode()).decode()


def after(cursor, column, down):
    """The condition for what comes after a cursor, which has to be of the same order."""
    value, last = opened(cursor, column, down)
    sign = "<" if down else ">"
    if column == "id":
        return f"id {sign} %s", [last]
    return f"({column} {sign} %s OR {column} = %s AND id > %s)", [value, value, last]


def opened(cursor, column, down):
    """The value and the id that a cursor holds."""
    try:
        told = json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
        made_column, made_down, value, last = told
        if column == "created_at":
            value = datetime.fromisoformat(value)
            good = value.tzinfo is not None
        else:
            good = column == "id" or is_text(value, 0, LARGEST)
    except (ValueError, TypeError):
        good = False
    good = good and type(last) is int and 0 <= last <= LARGEST
    if not good or (made_column, made_down) != (column, down):
        abort(400, "This is no cursor of the same sort.")
    return value, last
