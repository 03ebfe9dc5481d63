"""What a body must hold. Whatever breaks a rule is a Refusal."""

import re

EMAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Refusal(Exception):
    """A request that is refused, with its status and word."""

    def __init__(self, status, error):
        super().__init__(error)
        self.status, self.error = status, error


def whole(value, low, high, name):
    if type(value) is not int or not low <= value <= high:
        raise Refusal(400, f"{name} has to be a whole number from {low} to {high}")
    return value


def an_object(body):
    if not isinstance(body, dict):
        raise Refusal(400, "the body has to be a JSON object")
    return body


def event(body):
    title = an_object(body).get("title")
    if not isinstance(title, str) or not title.strip() or len(title) > 80 or CONTROL.search(title):
        raise Refusal(400, "title has to be one line of 1 to 80 characters")
    if any("\ud800" <= character <= "\udfff" for character in title):
        raise Refusal(400, "title holds half a character")
    return title, whole(body.get("seats"), 1, 100_000, "seats")


def order(body):
    number, email = an_object(body).get("event_id"), body.get("email")
    if type(number) is not int and not isinstance(number, str):
        raise Refusal(400, "event_id has to be a number")
    if not isinstance(email, str) or len(email) > 100 or not EMAIL.fullmatch(email):
        raise Refusal(400, "email has to be an address")
    return {"event_id": number, "email": email, "seats": whole(body.get("seats"), 1, 10, "seats")}


def batch(body):
    orders = an_object(body).get("orders")
    if not isinstance(orders, list) or not 1 <= len(orders) <= 20:
        raise Refusal(400, "orders has to be a list of 1 to 20 orders")
    return [order(one) for one in orders]


def key(value):
    if not value or len(value) > 80:
        raise Refusal(400, "Idempotency-Key has to have 1 to 80 characters")
    return value


def row_id(value):
    """The number of a row, 0 where no row can have it."""
    if type(value) is int:
        return value if 0 < value < 2**31 else 0
    return int(value) if re.fullmatch(r"[1-9][0-9]{0,8}", value) else 0
