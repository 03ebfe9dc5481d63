"""Keys: an order that is sent again is made once."""

import pytest

SAME = (200, 201)


@pytest.mark.criterion("key.missing")
def test_without_a_key_there_is_no_order(app, shop, refused):
    """Missing, empty, too long, with a blank; one of 200 characters is fine."""
    product = shop.product(stock=10)
    cart = shop.cart((product, 1))
    for key in (None, "", "x" * 201, "two words", "caf\u00e9"):
        headers = {} if key is None else {"Idempotency-Key": key}
        reply = app.post("/orders", json={"cart_id": cart}, headers=headers)
        refused(reply, 400, "", f"An order with the key {str(key)[:20]!r}")
    assert shop.stock(product) == 10, "An order without a key was made."
    shop.made(shop.order(cart, "!" + "~" * 199))
    cart = shop.cart((product, 1))
    shop.made(shop.order(cart, "#"))


@pytest.mark.criterion("key.repeat")
def test_the_same_key_gets_the_same_order(shop):
    """One after the other, with whatever is in the cart or in the table meanwhile."""
    product, key = shop.product(500, 10), shop.key()
    cart = shop.cart((product, 2))
    order = shop.made(shop.order(cart, key))
    for step in ("at once", "after the cart was filled again", "after the price was changed"):
        reply = shop.order(cart, key)
        if reply.status not in SAME or shop.made(reply) != order:
            reply.fail(f"The same key, {step}, should get the same order.")
        if shop.stock(product) != 8:
            reply.fail(f"The same key, {step}, has taken products out of stock again.")
        if step == "at once":
            shop.put_in(cart, product, 1)
        else:
            if shop.content(cart) != {product: 1}:
                reply.fail("The same key has taken what was put into the cart meanwhile.")
            shop.change(product, price_cents=1)
    other = shop.made(shop.order(cart))
    assert other["id"] != order["id"], "Another key gets the order of the first."


@pytest.mark.criterion("key.repeat")
def test_keys_differ_to_the_letter(shop):
    """In capitals it is another one, and so it is with more behind it."""
    product, key = shop.product(stock=10), f"k-{shop.key()}"
    orders = [
        shop.made(shop.order(shop.cart((product, 1)), one))["id"]
        for one in (key, key.upper(), f"{key}x", key[:-1])
    ]
    assert len(set(orders)) == len(orders), "Two keys that differ get the same order."


@pytest.mark.criterion("key.race")
def test_the_same_key_at_the_same_moment(app, shop):
    """One order, which everybody gets."""
    for _ in range(3):
        product, key = shop.product(stock=20), shop.key()
        cart = shop.cart((product, 2))
        replies = app.together([lambda c=cart, k=key: shop.order(c, k) for _ in range(8)])
        for reply in replies:
            if reply.status not in SAME:
                reply.fail(
                    "Of eight requests with the same key at the same moment each should get the "
                    f"order; this one got {reply.status}."
                )
        ids = {shop.made(reply)["id"] for reply in replies}
        assert len(ids) == 1, f"The same key has made {len(ids)} orders."
        assert shop.stock(product) == 18, "The same key has taken products out of stock twice."


@pytest.mark.criterion("key.other")
def test_the_same_key_with_another_body(shop, refused):
    """Another cart, or a coupon: 409, and nothing is done."""
    product, key, code = shop.product(stock=10), shop.key(), shop.coupon()
    cart, other = shop.cart((product, 1)), shop.cart((product, 1))
    order = shop.made(shop.order(cart, key))
    refused(shop.order(other, key), 409, "key_reused", "The same key with another cart")
    refused(shop.order(cart, key, code), 409, "key_reused", "The same key with a coupon")
    assert shop.stock(product) == 9, "The same key with another body has made an order."
    assert shop.content(other) == {product: 1}, "The same key has emptied another cart."
    assert shop.made(shop.order(cart, key)) == order, "The key's own order is lost."
    shop.ordered((product, 1), coupon=code)


@pytest.mark.criterion("key.refusal")
def test_a_refusal_does_not_use_a_key_up(shop, refused):
    """Sent again, it is looked at as if for the first time."""
    product, key = shop.product(stock=0), shop.key()
    cart = shop.cart((product, 1))
    for _ in range(2):
        refused(shop.order(cart, key), 409, "out_of_stock", "An order without stock")
    shop.change(product, stock=3)
    shop.made(shop.order(cart, key))
    key, empty, other = shop.key(), shop.new_cart(), shop.cart((product, 1))
    refused(shop.order(empty, key), 400, "empty_cart", "An order of an empty cart")
    shop.made(shop.order(other, key))
    assert shop.stock(product) == 1, "Two orders should leave one of three."
    key, code = shop.key(), "NOSUCHCOUPON2"
    cart = shop.cart((product, 1))
    refused(shop.order(cart, key, code), 400, "unknown_coupon", "A coupon that there is not")
    shop.made(shop.order(cart, key))
