"""Conditions, orders and cursors, as SQL with $1, $2, …"""

import base64
import re
from datetime import datetime

from fields import ROLES, Refused, holds

SORTS = {
    "id": ("id", "bigint", int),
    "name": ("name", "text", str),
    "email": ("email", "text::citext", str),
    "created_at": ("created_at", "timestamptz", datetime.fromisoformat),
}
BETWEEN = "\x1f"
"""Between the parts of a cursor."""


class Query:
    """A WHERE that grows, and the values of its parameters."""

    def __init__(self, query):
        self.query = query
        self.conditions = ["TRUE"]
        self.values = []

    def value(self, value, kind="text"):
        self.values.append(value)
        return f"${len(self.values)}::{kind}"

    @property
    def where(self):
        return "WHERE " + " AND ".join(self.conditions)

    def only(self, *names):
        if set(self.query) - set(names):
            raise Refused(400, "A parameter is not known here.")

    def whole(self, name, low, high, default):
        text = self.query.get(name, str(default))
        if not re.fullmatch("[0-9]{1,8}", text) or not low <= int(text) <= high:
            raise Refused(400, f"{name} is a whole number from {low} to {high}.")
        return int(text)

    def filter(self):
        q = self.query.get("q", "")
        if not holds(q, 0, 100):
            raise Refused(400, "q is a text of at most 100 characters.")
        if q:
            text = f"lower({self.value(q)})"
            columns = ("name", "email::text")
            found = " OR ".join(f"strpos(lower({one}), {text}) > 0" for one in columns)
            self.conditions.append(f"({found})")
        role, active = self.query.get("role"), self.query.get("active")
        if role is not None:
            if role not in ROLES:
                raise Refused(400, "There is no such role.")
            self.conditions.append(f"role = {self.value(role)}")
        if active is not None:
            if active not in ("true", "false"):
                raise Refused(400, "active is true or false.")
            self.conditions.append("active" if active == "true" else "NOT active")
        return self

    def sort(self):
        sort = self.query.get("sort", "id")
        if sort.removeprefix("-") not in SORTS:
            raise Refused(400, "That cannot be sorted by.")
        return sort

    def begin_after(self, cursor, sort):
        column, kind, read = SORTS[sort.removeprefix("-")]
        try:
            parts = base64.urlsafe_b64decode(cursor).decode().split(BETWEEN)
            made, number, text = parts[0], int(parts[1]), BETWEEN.join(parts[2:])
            value = read(text)
        except (ValueError, IndexError):
            raise Refused(400, "That is no cursor.") from None
        good = made == sort and 0 <= number < 2**63 and "\0" not in text
        if not good or (column == "id" and value != number):
            raise Refused(400, "That is no cursor of this order.")
        if isinstance(value, datetime) and value.tzinfo is None:
            raise Refused(400, "That is no cursor.")
        here, last = self.value(value, kind), self.value(number, "bigint")
        sign = "<" if sort.startswith("-") else ">"
        self.conditions.append(
            f"(users.{column} {sign} {here} OR users.{column} = {here} AND id > {last})"
        )


def order_by(sort):
    column = SORTS[sort.removeprefix("-")][0]
    return f"ORDER BY users.{column} {'DESC' if sort.startswith('-') else 'ASC'}, id ASC"


def cursor_of(row, sort):
    value = row[sort.removeprefix("-")]
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return base64.urlsafe_b64encode(BETWEEN.join((sort, str(row["id"]), text)).encode()).decode()
