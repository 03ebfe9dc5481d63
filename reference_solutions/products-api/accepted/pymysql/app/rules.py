"""What a product has to be like."""

import re

from flask import request

from .problems import Problem


class Text:
    def __init__(self, least, most, pattern=None, default=None):
        self.least, self.most, self.pattern, self.default = least, most, pattern, default

    @property
    def schema(self):
        found = {"type": "string", "maxLength": self.most}
        if self.least:
            found["minLength"] = self.least
        if self.pattern:
            found["pattern"] = f"^{self.pattern}$"
        return found

    def fault(self, value):
        if not isinstance(value, str):
            return "It is no text."
        if not self.least <= len(value) <= self.most:
            return f"It has to have {self.least} to {self.most} characters."
        if self.pattern and not re.fullmatch(self.pattern, value):
            return f"It has other characters than {self.pattern}."
        if self.least and not value.strip():
            return "It is only white space."
        if any("\ud800" <= sign <= "\udfff" for sign in value):
            return "It has half of a character."
        return None


class Whole:
    default = None

    def __init__(self, most):
        self.most = most

    @property
    def schema(self):
        return {"type": "integer", "minimum": 0, "maximum": self.most}

    def fault(self, value):
        if type(value) is not int or not 0 <= value <= self.most:
            return f"It has to be a whole number from 0 to {self.most}."
        return None


FIELDS = {
    "sku": Text(3, 20, "[A-Z0-9-]+"),
    "name": Text(1, 80),
    "category": Text(1, 30, "[a-z0-9-]+"),
    "description": Text(0, 500, default=""),
    "price_cents": Whole(10_000_000),
    "stock": Whole(1_000_000),
}
MOST_ITEMS = 100


def body():
    """The JSON object that was sent."""
    if not request.is_json:
        raise Problem(415, "Send application/json.")
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise Problem(400, "Send a JSON object.")
    return found


def faults_of(sent, partly=False, prefix=""):
    """Each fault of a product's fields: where it is, and a sentence."""
    found = []
    for name, rule in FIELDS.items():
        if name in sent:
            fault = rule.fault(sent[name])
        else:
            fault = None if partly or rule.default is not None else "It is missing."
        if fault:
            found.append((prefix + name, fault))
    for name in sent:
        if name not in FIELDS:
            found.append((prefix + name.encode("utf-8", "replace").decode(), "Unknown field."))
    return found


def refuse(faults):
    if faults:
        raise Problem(400, f"Of what was sent, {len(faults)} fields are not valid.", faults)


def complete(sent):
    return [sent.get(name, rule.default) for name, rule in FIELDS.items()]


def new_product():
    sent = body()
    refuse(faults_of(sent))
    return complete(sent)


def new_products():
    sent = body()
    items = sent.get("items")
    faults = [(name, "Unknown field.") for name in sent if name != "items"]
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        faults.append(("items", f"It has to be a list of 1 to {MOST_ITEMS} products."))
        items = []
    for at, item in enumerate(items):
        if isinstance(item, dict):
            faults += faults_of(item, prefix=f"items/{at}/")
        else:
            faults.append((f"items/{at}", "It is no object."))
    refuse(faults)
    return [complete(item) for item in items]


def changes():
    sent = body()
    refuse(faults_of(sent, partly=True))
    if not sent:
        raise Problem(400, "Send a field to change.")
    return sent
