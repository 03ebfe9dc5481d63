"""Errors: one form for all, and no input that breaks the app."""

from urllib.parse import quote

import pytest

TRACES = ("Traceback (most recent call last)", "werkzeug.debug", "pymysql.err", "SQL syntax",
          "sqlalchemy.exc", "IntegrityError", "DataError", "OperationalError")  # fmt: skip


@pytest.mark.criterion("errors.json")
def test_every_error_is_an_object(app, shop):
    """With a word and a sentence: of routes, of unknown addresses, of methods."""
    product = shop.product(stock=0)
    cart = shop.cart((product, 1))
    errors = {
        "an unknown address": (app.get("/nothing/here"), 404),
        "an unknown product": (app.get("/products/2147483600"), 404),
        "an unknown cart": (app.get(f"/carts/{'x' * 24}"), 404),
        "an unknown order": (app.get("/orders/2147483600"), 404),
        "another method": (app.delete("/products"), 405),
        "another method for a cart": (app.patch(f"/carts/{cart}", json={}), 405),
        "a bad quantity": (shop.put_in(cart, product, 0), 400),
        "no JSON": (app.post("/orders", body=b"{", headers=json_and_key(shop)), 400),
        "no key": (app.post("/orders", json={"cart_id": cart}), 400),
        "too little stock": (shop.order(cart), 409),
    }
    for what, (reply, status) in errors.items():
        if reply.status != status:
            reply.fail(f"It was {what}, which should be a {status}, not {reply.status}.")
        found = reply.json(dict)
        for name in ("error", "message"):
            if not isinstance(found.get(name), str) or not found[name].strip():
                reply.fail(f"It was {what}; the error should have a text `{name}`.")


@pytest.mark.criterion("errors.input")
def test_bad_bodies_are_a_4xx(app, shop):
    """No JSON, JSON of another kind, texts with NUL, values of other types."""
    product = shop.product()
    cart = shop.cart((product, 1))
    bodies = (b"", b"{", b"[]", b"1", b"null", b'"x"', b"\xff\xfe", b'{"quantity": 1e400}',
              b'{"cart_id": {"a": 1}}', b'{"cart_id": "\\u0000"}', b"[" * 20)  # fmt: skip
    for body in bodies:
        for method, path in (("POST", f"/carts/{cart}/lines"), ("POST", "/orders"),
                             ("PUT", f"/carts/{cart}/lines/{product}")):  # fmt: skip
            reply = app.request(method, path, body=body, headers=json_and_key(shop))
            require_4xx(reply, f"{method} {path} with the body {body[:24]!r}")
    for value in ("7", 1.5, None, [], {}, True, -1, 10**30, "\0"):
        require_4xx(shop.put_in(cart, value), f"a product_id that is {str(value)[:20]!r}")
    for value in ("\0", "x" * 5000, 5, [], {}, True, ""):
        reply = shop.order(cart, more={"coupon": value})
        require_4xx(reply, f"a coupon that is {str(value)[:20]!r}")
    assert shop.content(cart) == {product: 1}, "Bad input has changed the cart."


@pytest.mark.criterion("errors.input")
def test_strange_addresses_are_a_4xx(app, shop, draw):
    """Ids that are long, or hold what no id holds."""
    cart = shop.cart((shop.product(), 1))
    for value in ("\0", "%", "' OR '1'='1", draw.text(3000), "🐍", "-1", "1e3", "9" * 40):
        part = quote(value, safe="")
        for reply in (
            app.get(f"/carts/{part}"), app.get(f"/products/{part}"), app.get(f"/orders/{part}"),
            app.delete(f"/carts/{cart}/lines/{part}"),
            app.put(f"/carts/{part}/lines/{part}", json={"quantity": 1}),
        ):  # fmt: skip
            require_4xx(reply, f"an id that is {value[:20]!r}")


def json_and_key(shop):
    """Headers of a JSON body, with a key."""
    return {"Content-Type": "application/json", "Idempotency-Key": shop.key()}


def require_4xx(reply, what):
    """Fail unless bad input was answered with a 4xx without the insides of the app."""
    if not 400 <= reply.status < 500:
        reply.fail(f"It was {what}, which should get a 4xx, not {reply.status}.")
    if any(trace in reply.text for trace in TRACES):
        reply.fail(f"It was {what}, and the answer shows the insides of the app.")
