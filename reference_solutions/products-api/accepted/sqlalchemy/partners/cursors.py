"""Cursors: the sort, the last product's value and its id, as hexadecimal JSON."""

import json

from sqlalchemy import and_, or_

from .problems import bad


def cursor_of(sort, value, number):
    return json.dumps([sort, value, number], separators=(",", ":")).encode().hex()


def after(text, sort, column, number_column):
    """The condition for what stands behind a cursor."""
    try:
        of, value, number = json.loads(bytes.fromhex(text))
    except (ValueError, TypeError, RecursionError):
        raise bad("cursor: it is none.") from None
    kind = str if sort.endswith("name") else int
    if of != sort or type(value) is not kind or type(number) is not int:
        raise bad("cursor: it is none of this sort.")
    if not -(2**31) < number < 2**31 or (kind is int and not -(2**31) < value < 2**31):
        raise bad("cursor: it is none.")
    if kind is str:
        value = value.encode("utf-8", "replace").decode()[:80]
    behind = column < value if sort.startswith("-") else column > value
    return or_(behind, and_(column == value, number_column > number))
