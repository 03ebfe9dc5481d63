"""What the tests of the shop share: products, carts, orders, and how they are looked at.

Nothing that an app answers may crash a test, so every value is looked at before it is used. What
one criterion examines costs no other one: only the criterion in question is strict about it.
"""

import re

import pytest

from grader.exam.faults import AppUnreachable

LINE = ("product_id", "name", "price_cents", "quantity", "line_cents")
AMOUNTS = ("subtotal_cents", "discount_cents", "total_cents")


def is_count(value):
    """Whether a value of JSON is a whole number from 0, and no `true`."""
    return type(value) is int and value >= 0


class Shop:
    """The shop under examination."""

    def __init__(self, app, db, draw):
        self._app = app
        self._db = db
        self._draw = draw

    # -- what the grader puts in -----------------------------------------------------------

    def product(self, price=None, stock=100, name=None):
        """The id of a new product."""
        price = self._draw.integer(101, 9999) if price is None else price
        name = name or f"{self._draw.word(6).title()} {self._draw.word(9)}"
        sql = "INSERT INTO products (name, price_cents, stock) VALUES (%s, %s, %s)"
        return self._db.write(sql, [name, price, stock])

    def change(self, number, **columns):
        """Change the row of a product."""
        for name, value in columns.items():
            self._db.write(f"UPDATE products SET {name} = %s WHERE id = %s", [value, number])

    def coupon(self, percent=20):
        """The code of a new coupon."""
        code = f"{self._draw.word(6).upper()}{self._draw.integer(1000, 9999)}"
        self._db.write("INSERT INTO coupons (code, percent) VALUES (%s, %s)", [code, percent])
        return code

    def row(self, number):
        """The row of a product."""
        sql = "SELECT name, price_cents, stock FROM products WHERE id = %s"
        return next(iter(self._db.rows(sql, [number])), {})

    def stock(self, number):
        """How many there are of a product."""
        return self.row(number).get("stock")

    def copies(self, text):
        """How many cells of the database hold exactly `text`."""
        return sum(
            value == text
            for table in self._db.tables()
            for row in self._db.records(table)
            for value in row.values()
        )

    # -- what a client does ----------------------------------------------------------------

    def new_cart(self):
        """The id of an empty cart."""
        reply = self._app.post("/carts", json={})
        if not 200 <= reply.status < 300:
            reply.fail(f"POST /carts should answer 201, not {reply.status}.")
        number = reply.json(dict, labelled=False).get("id")
        if not isinstance(number, int | str) or not re.fullmatch(r"[\w-]{1,200}", str(number)):
            reply.fail("A new cart should have an id of letters, digits, - and _.")
        return number

    def put_in(self, cart, product, quantity=1, **more):
        """The answer to putting a product into a cart."""
        body = {"product_id": product, "quantity": quantity} | more
        return self._app.post(f"/carts/{cart}/lines", json=body)

    def cart(self, *lines):
        """The id of a cart with `lines`, each a product and how many of it."""
        number = self.new_cart()
        for product, quantity in lines:
            reply = self.put_in(number, product, quantity)
            if not 200 <= reply.status < 300:
                reply.fail(f"A product that there is should go into a cart, not {reply.status}.")
        return number

    def content(self, cart):
        """What is in a cart, as {product: quantity}, all lines of a product together."""
        reply = self._app.get(f"/carts/{cart}").expect(200)
        lines = reply.json(dict, labelled=False).get("lines")
        found = {}
        for line in lines if isinstance(lines, list) else ():
            number, quantity = (
                (line.get(one) for one in LINE[::3]) if isinstance(line, dict) else (0, 0)
            )
            if is_count(number) and is_count(quantity):
                found[number] = found.get(number, 0) + quantity
        return found

    def lines_of(self, reply, total):
        """{product: quantity} of a cart or an order, and its lines; every sum has to be right."""
        found = reply.json(dict)
        lines = found.get("lines")
        if not isinstance(lines, list):
            reply.fail("`lines` should be a list.")
        for line in lines:
            self._check_line(reply, line)
        if not is_count(found.get(total)):
            reply.fail(f"`{total}` should be a whole number of cents.")
        if sum(line["line_cents"] for line in lines) != found[total]:
            reply.fail(f"`{total}` should be the sum of all line_cents.")
        numbers = [line["product_id"] for line in lines]
        if len(set(numbers)) != len(numbers):
            reply.fail("A product should have one line, and not several.")
        return {line["product_id"]: line["quantity"] for line in lines}, lines

    def _check_line(self, reply, line):
        """Fail unless a line has what it should."""
        if not isinstance(line, dict) or any(name not in line for name in LINE):
            reply.fail(f"A line should have {', '.join(LINE)}.")
        for name in LINE:
            if name != "name" and not is_count(line[name]):
                reply.fail(f"`{name}` of a line should be a whole number.")
        if line["line_cents"] != line["price_cents"] * line["quantity"]:
            reply.fail("`line_cents` should be price times quantity.")

    def key(self):
        """A key that nobody has used."""
        return f"{self._draw.word(8)}-{self._draw.integer(10**9, 10**10 - 1)}"

    def order(self, cart, key=None, coupon=None, more=None):
        """The answer to an order of a cart; `more` are further fields of its body."""
        body = {"cart_id": cart} | ({"coupon": coupon} if coupon else {}) | (more or {})
        headers = {"Idempotency-Key": key or self.key()}
        return self._app.post("/orders", json=body, headers=headers)

    def attempt(self, cart, key, coupon=None):
        """The same; None where the app went away before it had answered."""
        try:
            return self.order(cart, key, coupon)
        except AppUnreachable:
            return None

    def made(self, reply):
        """The order that an answer holds: an object with an id."""
        if reply.status not in (200, 201):
            reply.fail(f"This order can be made, and was answered with {reply.status}.")
        found = reply.json(dict, labelled=False)
        if not isinstance(found.get("id"), int | str) or isinstance(found["id"], bool):
            reply.fail("`id` of an order should be a whole number or a text.")
        return found

    def checked(self, reply):
        """The same, where its form and its sums are looked at, too."""
        found = self.made(reply)
        self.lines_of(reply, "subtotal_cents")
        for name in AMOUNTS:
            if not is_count(found.get(name)):
                reply.fail(f"`{name}` of an order should be a whole number of cents.")
        if found["subtotal_cents"] - found["discount_cents"] != found["total_cents"]:
            reply.fail("`total_cents` should be the subtotal without the discount.")
        return found

    def ordered(self, *lines, coupon=None):
        """The order of a new cart with `lines`."""
        return self.made(self.order(self.cart(*lines), coupon=coupon))

    def read(self, order):
        """The order as GET answers it now."""
        return self.made(self._app.get(f"/orders/{order['id']}").expect(200))


@pytest.fixture
def shop(app, db, draw):
    """The shop, with products and clients."""
    return Shop(app, db, draw)


@pytest.fixture(scope="session")
def refused():
    """A function that fails unless an answer is an error with one of `statuses`, and its word."""

    def check(reply, status, word, what):
        if reply.status != status:
            reply.fail(f"{what} should be answered with {status}, not {reply.status}.")
        said = reply.json(dict, labelled=False).get("error")
        if word and said != word:
            reply.fail(f'{what} should have "error": "{word}"; it has {str(said)[:60]!r}.')
        return reply

    return check


@pytest.fixture
def path_of(app):
    """A function that gives the path that the Location of an answer leads to."""

    def check(reply):
        to = reply.headers.get("Location", "")
        return (app.path_of(to) or "").partition("?")[0] if to else ""

    return check
