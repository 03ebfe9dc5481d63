"""Bodies, checked."""

import re
from dataclasses import asdict, dataclass
from json import dumps

ADDRESS = re.compile(r"(?=.{1,100}\Z)[\w.+-]+@[\w+-]+(\.[\w+-]+)+", re.ASCII)
LARGEST = 2**31 - 1


class Refused(Exception):
    def __init__(self, error, status=400):
        super().__init__(error)
        self.error, self.status = error, status


def need(good, said):
    if not good:
        raise Refused(said)


def number(value, most):
    need(type(value) is int and 1 <= value <= most, f"a whole number from 1 to {most} is needed")
    return value


def identity(value):
    """The id that `value` is, from a path or a body; 0 where it can be none."""
    if isinstance(value, str) and re.fullmatch(r"[1-9]\d{0,9}", value, re.ASCII):
        value = int(value)
    return value if type(value) is int and 0 < value <= LARGEST else 0


def event(body):
    need(isinstance(body, dict), "an object is needed")
    title = body.get("title")
    need(isinstance(title, str) and title.strip() and len(title) <= 80, "a title is needed")
    need(not re.search(r"[\0-\x1f\x7f\ud800-\udfff]", title), "the title has to be one line")
    return {"title": title, "seats": number(body.get("seats"), 100_000)}


@dataclass(frozen=True)
class Wish:
    """An order that keeps the rules."""

    event_id: int
    email: str
    seats: int

    @classmethod
    def of(cls, body):
        need(isinstance(body, dict), "an object is needed")
        event_id, email = body.get("event_id"), body.get("email")
        need(isinstance(event_id, int | str) and type(event_id) is not bool, "no event_id")
        need(isinstance(email, str) and ADDRESS.fullmatch(email), "an address is needed")
        return cls(identity(event_id), email, number(body.get("seats"), 10))

    @property
    def text(self):
        return dumps(asdict(self), sort_keys=True)


def wishes(body):
    need(isinstance(body, dict), "an object is needed")
    orders = body.get("orders")
    need(isinstance(orders, list) and 1 <= len(orders) <= 20, "1 to 20 orders are needed")
    return [Wish.of(one) for one in orders]
