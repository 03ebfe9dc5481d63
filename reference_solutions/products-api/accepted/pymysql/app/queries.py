"""Filters, sorts, cursors and fields of the query."""

import base64
import json
import re

from flask import request

from .problems import Problem
from .rules import FIELDS

COLUMNS = ("id", *FIELDS)
SORTS = ("id", "name", "price_cents", "stock")
MOST_CENTS = 10_000_000


def refuse(name, text):
    raise Problem(400, f"{name}: {text}")


def only(*known):
    for name in request.args:
        if name not in known:
            refuse(name, "there is no such parameter.")


def whole(name, least, most, default=None):
    value = request.args.get(name)
    if value is None:
        return default
    if not re.fullmatch("[0-9]{1,8}", value) or not least <= int(value) <= most:
        refuse(name, f"a whole number from {least} to {most}.")
    return int(value)


def category():
    value = request.args.get("category")
    if value is not None and not re.fullmatch("[a-z0-9-]{1,30}", value):
        refuse("category", "there can be no such category.")
    return value


def fields():
    """The names of the fields that are asked for."""
    value = request.args.get("fields")
    if value is None:
        return COLUMNS
    names = value.split(",")
    for name in names:
        if name not in COLUMNS:
            refuse("fields", "it names what is no field.")
    return names


def sort():
    """The column, and whether from the largest on."""
    value = request.args.get("sort", "id")
    column = value.removeprefix("-")
    if column not in SORTS:
        refuse("sort", f"one of {', '.join(SORTS)}, and - in front.")
    return column, value != column


def filters():
    """Conditions and their values."""
    found = []
    if (wanted := category()) is not None:
        found.append(("category = %s", wanted))
    if (least := whole("min_price_cents", 0, MOST_CENTS)) is not None:
        found.append(("price_cents >= %s", least))
    if (most := whole("max_price_cents", 0, MOST_CENTS)) is not None:
        found.append(("price_cents <= %s", most))
    stocked = request.args.get("in_stock")
    if stocked is not None:
        if stocked not in ("true", "false"):
            refuse("in_stock", "true or false.")
        found.append(("stock > %s" if stocked == "true" else "stock = %s", 0))
    return [one for one, _ in found], [value for _, value in found]


def cursor_of(found, column, down):
    text = json.dumps([column, down, found[column], found["id"]])
    return base64.urlsafe_b64encode(text.encode()).decode()


def after_cursor(column, down):
    """Condition and values of what stands behind the cursor."""
    value = request.args.get("cursor")
    if value is None:
        return [], []
    try:
        of, way, last, number = json.loads(base64.b64decode(value, altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError):
        refuse("cursor", "it is none.")
    kind = str if column == "name" else int
    if (of, way) != (column, down) or type(last) is not kind or type(number) is not int:
        refuse("cursor", "it is none of this list.")
    if not all(abs(one) < 2**40 for one in (last, number) if type(one) is int):
        refuse("cursor", "it is none.")
    if kind is str and (len(last) > 80 or any("\ud800" <= sign <= "\udfff" for sign in last)):
        refuse("cursor", "it is none.")
    than = "<" if down else ">"
    return [f"({column} {than} %s OR ({column} = %s AND id > %s))"], [last, last, number]
