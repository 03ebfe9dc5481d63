"""Lists of users: what is found, in which order, and where a page begins."""

import json
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_

from . import fields
from .fields import Wrong
from .models import ROLES, User

FOUND_BY = {"q", "role", "active"}
COLUMNS = {
    "id": User.id,
    "name": User.name,
    "email": User.email,
    "created_at": User.created_at,
}


def known_only(args, names):
    if set(args) - names:
        raise Wrong("There is an unknown parameter.")


def whole(args, name, low, high, default):
    text = args.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,7}", text) or not low <= int(text) <= high:
        raise Wrong(f"{name} has to be a whole number from {low} to {high}.")
    return int(text)


def filters(args):
    """The conditions of q, role and active."""
    found = []
    if q := fields.text(args.get("q", ""), "q", 0, 100):
        found.append(
            or_(User.name.icontains(q, autoescape=True), User.email.icontains(q, autoescape=True))
        )
    if (role := args.get("role")) is not None:
        if role not in ROLES:
            raise Wrong("role has to be member, viewer or admin.")
        found.append(User.role == role)
    if (active := args.get("active")) is not None:
        if active not in {"true", "false"}:
            raise Wrong("active has to be true or false.")
        found.append(User.active.is_(active == "true"))
    return found


@dataclass(frozen=True)
class Order:
    """The order of a list, which its cursors are bound to."""

    sort: str

    @classmethod
    def of(cls, args):
        sort = args.get("sort", "id")
        if sort.removeprefix("-") not in COLUMNS:
            raise Wrong("sort has to be id, name, email or created_at, or one of them behind a -.")
        return cls(sort)

    @property
    def name(self):
        return self.sort.removeprefix("-")

    @property
    def column(self):
        return COLUMNS[self.name]

    @property
    def downwards(self):
        return self.sort.startswith("-")

    def by(self):
        return (self.column.desc() if self.downwards else self.column.asc(), User.id)

    def cursor(self, user):
        """The cursor of the page behind a user."""
        value = getattr(user, self.name)
        if isinstance(value, datetime):
            value = value.isoformat()
        return json.dumps({"sort": self.sort, "after": [value, user.id]})

    def behind(self, cursor):
        """The condition for users behind the place of a cursor."""
        value, number = self._place(cursor)
        column = self.column
        beyond = column < value if self.downwards else column > value
        return or_(beyond, and_(column == value, User.id > number))

    def _place(self, cursor):
        try:
            told = json.loads(cursor)
            sort, (value, number) = told["sort"], told["after"]
            if sort != self.sort:
                raise Wrong("The cursor belongs to another sort.")
            if self.name == "created_at":
                value = datetime.fromisoformat(value)
                if value.tzinfo is None:
                    raise ValueError(value)
            elif self.name != "id":
                fields.text(value, "cursor")
            elif not self._is_id(value):
                raise ValueError(value)
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Wrong("This is no cursor.") from None
        if not self._is_id(number):
            raise Wrong("This is no cursor.")
        return value, number

    @staticmethod
    def _is_id(value):
        return type(value) is int and 0 <= value < 2**63
