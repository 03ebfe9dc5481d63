"""What the tests share: keys, products, requests, and how answers are looked at.

Nothing that an app answers may crash a test, so every value is looked at before it is used. What
one criterion examines costs no other one: rows are put in by the grader, each list begins with an
empty table, and a key is changed for another long before its limit.
"""

import hashlib
import re
import time

import pytest

V1, V2 = "/api/v1/products", "/api/v2/products"
BULK = f"{V2}/bulk"
FIELDS = ("sku", "name", "category", "description", "price_cents", "stock")
PRODUCT = ("id", *FIELDS)
NUMBERS = ("price_cents", "stock")
MOST_OF_A_KEY = 8
"""Requests for which a key is used; less than any limit of this exam."""
PATIENCE = 100.0
"""Seconds that all tests together wait for a limit that they should not have met."""
UNKNOWN = 2147483600
TYPED = {"Content-Type": "application/json"}
TRACES = ("Traceback (most recent call last)", "werkzeug.debug", "pymysql.err", "SQL syntax",
          "sqlalchemy.exc", "IntegrityError", "DataError", "OperationalError")  # fmt: skip


class Api:
    """The API under examination."""

    def __init__(self, app, db, draw, environment, shared):
        self.app, self._db, self._draw, self.shared = app, db, draw, shared
        self.limit, self.window = (int(environment[f"RATE_{one}"]) for one in ("LIMIT", "WINDOW"))

    # -- keys ------------------------------------------------------------------------------

    def key(self):
        """A key that counts, and that nobody has used."""
        key = self.unknown_key()
        self._db.write(
            "INSERT INTO api_keys (key_hash, client) VALUES (%s, %s)",
            [self.hash_of(key), self._draw.word()],
        )
        return key

    def hash_of(self, key):
        """What stands in the table for a key."""
        return hashlib.sha256(key.encode()).hexdigest()

    def unknown_key(self):
        """A key that is in no table."""
        return f"{self._draw.word(12)}-{self._draw.word(8).upper()}_{self._draw.integer(100, 999)}"

    def forget(self, key):
        """Delete the row of a key."""
        self._db.write("DELETE FROM api_keys WHERE key_hash = %s", [self.hash_of(key)])

    def key_in_use(self):
        """The key that requests are sent with as a rule; another one before its limit."""
        key, left = self.shared.get("key", ("", 0))
        if not left:
            key, left = self.key(), MOST_OF_A_KEY
        self.shared["key"] = key, left - 1
        return key

    # -- requests --------------------------------------------------------------------------

    def call(self, method, path, *, key=None, headers=None, **options):
        """The answer to a request with a key; one that meets a limit is sent again after it."""
        named = {"X-API-Key": key or self.key_in_use()} | (headers or {})
        while True:
            reply = self.app.request(method, path, headers=named, **options)
            wait = seconds_of(reply, self.window) if reply.status == 429 else 0
            if not wait or self.shared.get("waited", 0.0) > PATIENCE:
                return reply
            self.shared["waited"] = self.shared.get("waited", 0.0) + wait
            time.sleep(wait)

    def get(self, path, **options):
        """The answer to a GET with a key."""
        return self.call("GET", path, **options)

    def post(self, body, **options):
        """The answer to POST of a product."""
        return self.call("POST", V2, json=body, **options)

    def bulk(self, items, **options):
        """The answer to POST of several."""
        return self.call("POST", BULK, json={"items": items}, **options)

    def patch(self, number, body, tag=None, **options):
        """The answer to PATCH of a product, by its present ETag unless one is given."""
        tag = tag or self.tag(number)
        return self.call("PATCH", f"{V2}/{number}", json=body, headers={"If-Match": tag}, **options)

    def tag(self, number):
        """The ETag of a product now."""
        reply = self.get(f"{V2}/{number}")
        return self.tag_in(reply)

    def tag_in(self, reply):
        """The ETag of an answer."""
        tag = reply.headers.get("ETag", "")
        if reply.status >= 400 or not re.fullmatch(r'"[!#-~]+"', tag):
            reply.fail(
                f'A product that there is should be answered with a strong ETag ("…"); this was '
                f"{reply.status} with {tag[:60]!r}."
            )
        return tag

    # -- products --------------------------------------------------------------------------

    def sku(self):
        """A SKU that nothing has."""
        return f"{self._draw.word(5).upper()}-{self._draw.integer(10**6, 10**7 - 1)}"

    def body(self, **fields):
        """A product as a client sends it."""
        return {
            "sku": self.sku(),
            "name": self._draw.sentence(),
            "category": self._draw.word(8),
            "description": self._draw.sentence(),
            "price_cents": self._draw.integer(101, 9999),
            "stock": self._draw.integer(1, 99),
        } | fields

    def product(self, **fields):
        """The id of a product that the grader puts in."""
        return self.products([fields])[0]

    def products(self, many):
        """The ids of several, in their order."""
        bodies = [self.body(**fields) for fields in many]
        marks = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(bodies))
        values = [body[name] for body in bodies for name in FIELDS]
        self._db.write(f"INSERT INTO products ({', '.join(FIELDS)}) VALUES {marks}", values)
        marks = ", ".join(["%s"] * len(bodies))
        sql = f"SELECT id, sku FROM products WHERE sku IN ({marks})"
        found = self._db.rows(sql, [body["sku"] for body in bodies])
        numbers = {one["sku"]: one["id"] for one in found}
        return [numbers[body["sku"]] for body in bodies]

    def stock_up(self, count=10):
        """Rows with values that several share, by id, in an otherwise empty table."""
        self.clear()
        names = [self._draw.word(6) for _ in range(count // 2)]
        prices = [100 * self._draw.integer(2, 90) for _ in range(4)]
        categories = [self._draw.word(7) for _ in range(3)]
        self.products([
            {"name": names[at % len(names)], "price_cents": prices[at % len(prices)],
             "category": categories[at % 3], "stock": (at % 5) * 10}
            for at in self._draw.sample(list(range(count)), count)
        ])  # fmt: skip
        return self.rows()

    def clear(self):
        """Delete all products."""
        self._db.write("DELETE FROM products")

    def remove(self, number):
        """Delete the row of a product."""
        self._db.write("DELETE FROM products WHERE id = %s", [number])

    def row(self, number):
        """The row of a product, its seven fields; None where there is none."""
        sql = f"SELECT {', '.join(PRODUCT)} FROM products WHERE id = %s"
        return next(iter(self._db.rows(sql, [number])), None)

    def rows(self):
        """All rows, by id."""
        return self._db.rows(f"SELECT {', '.join(PRODUCT)} FROM products ORDER BY id")

    def row_of(self, sku):
        """The row with that SKU; None where there is none."""
        sql = f"SELECT {', '.join(PRODUCT)} FROM products WHERE sku = %s"
        return next(iter(self._db.rows(sql, [sku])), None)

    # -- lists -----------------------------------------------------------------------------

    def page(self, path=V2, **params):
        """The items of a page, each an object, and the whole answer."""
        reply = self.get(path, params=params)
        if reply.status != 200:
            reply.fail(f"This list should be answered with 200, not {reply.status}.")
        body = reply.json(dict)
        items = body.get("items")
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            reply.fail("`items` should be a list of objects.")
        return items, body, reply

    def ids(self, path=V2, **params):
        """The ids of a page, in its order."""
        items, _, reply = self.page(path, **params)
        return ids_of(items, reply)

    def walk(self, between=lambda page: None, **params):
        """The ids of every page, from the first to the last; `between` is told of each page."""
        pages, cursor = [], None
        while True:
            more = {"cursor": cursor} if cursor is not None else {}
            items, body, reply = self.page(**params, **more)
            pages.append(ids_of(items, reply))
            cursor = body.get("next_cursor", 0)
            if cursor is None:
                return pages
            if not isinstance(cursor, str) or not 0 < len(cursor) <= 500:
                reply.fail("`next_cursor` should be a text of 1 to 500 characters, or null.")
            if len(pages) > 60:
                reply.fail("The pages of the list do not end: after 60 there is still another.")
            between(pages[-1])


def ids_of(items, reply):
    """The ids of items; fails where one has none."""
    numbers = [one.get("id") for one in items]
    if any(type(one) is not int for one in numbers):
        reply.fail("Each of the items should have its `id`, a whole number.")
    return numbers


def seconds_of(reply, most):
    """The seconds of Retry-After, from 1 to `most`; `most` where there is no such number."""
    text = reply.headers.get("Retry-After", "")
    return min(int(text), most) if re.fullmatch("[1-9][0-9]{0,3}", text) else most


def require_product(reply, found, wanted):
    """Fail unless `found` is the product whose row is `wanted`."""
    if wanted is None:
        reply.fail("The product should be a row of the table products; there is none.")
    for name in PRODUCT:
        if type(found.get(name)) is not type(wanted[name]) or found[name] != wanted[name]:
            reply.fail(
                f"`{name}` of the product should be {clipped(wanted[name])}; it is "
                f"{clipped(found.get(name))}."
            )


def clipped(value):
    """A value for a message."""
    text = repr(value)
    return text if len(text) < 90 else f"{text[:80]}…"


def require_4xx(reply, what):
    """Fail unless bad input was answered with a 4xx without the insides of the app."""
    if not 400 <= reply.status < 500:
        reply.fail(f"It was {what}, which should get a 4xx, not {reply.status}.")
    if any(trace in reply.text for trace in TRACES):
        reply.fail(f"It was {what}, and the answer shows the insides of the app.")


@pytest.fixture(scope="session")
def shared():
    """What one test leaves for the next."""
    return {}


@pytest.fixture
def api(app, db, draw, environment, shared):
    """The API, with keys and products."""
    return Api(app, db, draw, environment, shared)
