"""Orders: what they take, what they cost, and that they are whole or not at all."""

import pytest

UNKNOWN = "x" * 24
AWKWARD = (29, 57, 58, 113, 114, 115, 1999, 3, 7, 1005)
"""Cents that a float loses when it is divided by 100 and multiplied again."""


@pytest.mark.criterion("order.works")
def test_an_order_takes_what_is_in_the_cart(app, shop, path_of):
    """Stock goes down, the cart is empty, and the order can be read."""
    first, second = shop.product(450, 10), shop.product(1999, 3)
    cart = shop.cart((first, 2), (second, 3))
    reply = shop.order(cart).expect(201)
    order = shop.checked(reply)
    content, lines = shop.lines_of(reply, "subtotal_cents")
    if content != {first: 2, second: 3}:
        reply.fail("The order should hold what was in the cart.")
    for line in lines:
        row = shop.row(line["product_id"])
        if (line["name"], line["price_cents"]) != (row["name"], row["price_cents"]):
            reply.fail("A line of the order should have the product's name and price.")
    if (order["total_cents"], order.get("coupon")) != (6897, None):
        reply.fail("The order should cost 6897 cents, without a coupon.")
    if path_of(reply) != f"/orders/{order['id']}":
        reply.fail(f"Location should be /orders/{order['id']}.")
    if (shop.stock(first), shop.stock(second)) != (8, 0):
        reply.fail("The stock of each product should go down by what was ordered.")
    if shop.content(cart):
        reply.fail("The cart should be empty after its order.")
    if shop.read(order) != order:
        app.get(f"/orders/{order['id']}").fail("GET should answer the order as POST did.")


@pytest.mark.criterion("order.works")
def test_a_cart_may_order_again(shop):
    """What is put in after an order is another order."""
    product = shop.product(stock=5)
    cart = shop.cart((product, 2))
    first = shop.made(shop.order(cart))
    shop.put_in(cart, product, 3)
    second = shop.made(shop.order(cart))
    assert first["id"] != second["id"], "A second order has the id of the first."
    assert shop.stock(product) == 0, "Two orders of 2 and 3 should leave nothing of 5."
    assert shop.read(first) == first, "A second order of a cart has changed the first."


@pytest.mark.criterion("order.total")
def test_totals_are_right_to_the_cent(shop, draw):
    """Many lines, awkward amounts, and more than 32 bits hold."""
    lines = [(price, draw.integer(1, 90)) for price in AWKWARD]
    cart = shop.cart(*((shop.product(price), quantity) for price, quantity in lines))
    order = shop.made(shop.order(cart))
    wanted = sum(price * quantity for price, quantity in lines)
    assert order.get("subtotal_cents") == wanted, f"The subtotal should be {wanted}."
    large = [(draw.integer(199_999_901, 199_999_999), 90) for _ in range(2)]
    order = shop.ordered(*((shop.product(price), quantity) for price, quantity in large))
    wanted = sum(price * quantity for price, quantity in large)
    assert order.get("total_cents") == wanted, f"The total should be {wanted}."
    order = shop.ordered((shop.product(0), 5))
    assert order.get("total_cents") == 0, "What costs nothing can be ordered for nothing."


@pytest.mark.criterion("order.kept")
def test_an_order_stays_as_it_was(app, shop, draw):
    """New prices and names count for new orders."""
    product, other = shop.product(1000), shop.product(50)
    coupon = shop.coupon(25)
    order = shop.ordered((product, 2), (other, 1), coupon=coupon)
    shop.change(product, price_cents=1, name=draw.word())
    shop.change(other, price_cents=77_777)
    if shop.read(order) != order:
        app.get(f"/orders/{order['id']}").fail(
            "Names and prices that change after an order should not touch it."
        )
    later = shop.ordered((product, 2))
    assert later.get("total_cents") == 2, "A new order should have the new price."
    assert shop.read(order) == order, "A later order has changed an earlier one."


@pytest.mark.criterion("order.refused")
def test_an_empty_cart_makes_no_order(app, shop, refused):
    """400 with empty_cart, also where all was taken out again; an unknown cart is a 404."""
    product = shop.product()
    emptied = shop.cart((product, 1))
    app.delete(f"/carts/{emptied}/lines/{product}")
    for cart in (shop.new_cart(), emptied):
        refused(shop.order(cart), 400, "empty_cart", "An order of an empty cart")
    refused(shop.order(UNKNOWN), 404, "", "An order of a cart that there is not")
    for value in (None, 7, "", ["x"], True):
        reply = shop.order(value)
        if reply.status not in (400, 404) or (reply.status == 404 and value != ""):
            reply.fail(f"A cart_id that is {value!r} should be a 400, not {reply.status}.")


@pytest.mark.criterion("order.stock")
def test_too_little_stock_is_a_409(shop, refused):
    """It names all products that are short, ascending, and no other."""
    plenty, short, none = shop.product(stock=50), shop.product(stock=2), shop.product(stock=0)
    cart = shop.cart((none, 1), (plenty, 3), (short, 3))
    reply = refused(shop.order(cart), 409, "out_of_stock", "An order of more than there is")
    named = reply.json(dict).get("product_ids")
    if named != [short, none]:
        reply.fail(f"`product_ids` should be {[short, none]}; it is {str(named)[:80]}.")
    exact = shop.product(stock=4)
    shop.made(shop.order(shop.cart((exact, 4))))
    assert shop.stock(exact) == 0, "The last ones can be ordered."
    refused(shop.order(shop.cart((exact, 1))), 409, "out_of_stock", "An order of what is gone")


@pytest.mark.criterion("order.atomic")
def test_a_refused_order_has_changed_nothing(app, shop):
    """No stock, no order, and the cart holds what it held."""
    products = [shop.product(stock=stock) for stock in (9, 9, 1, 9, 9)]
    names = [shop.row(one)["name"] for one in products]
    wanted = dict.fromkeys(products, 2)
    for turn in (products, list(reversed(products))):
        cart = shop.cart(*((one, 2) for one in turn))
        before = [shop.copies(name) for name in names]
        reply = shop.order(cart)
        if reply.status < 400:
            reply.fail("Of one product there is too little; the order should be refused.")
        if [shop.stock(one) for one in products] != [9, 9, 1, 9, 9]:
            reply.fail("An order that was refused has taken products out of stock.")
        if shop.content(cart) != wanted:
            reply.fail("An order that was refused has changed the cart.")
        if [shop.copies(name) for name in names] != before:
            reply.fail("An order that was refused has left lines in the database.")
        app.delete(f"/carts/{cart}/lines/{products[2]}")
        left = shop.order(cart)
        if left.status >= 400:
            left.fail("After a refusal the order of what is left should be made.")
        for one in products:
            shop.change(one, stock=1 if one == products[2] else 9)


@pytest.mark.criterion("order.atomic")
def test_a_coupon_that_does_not_count_changes_nothing(shop):
    """One that was used, one that there is not: stock and cart are as they were."""
    product, used = shop.product(stock=10), shop.coupon()
    shop.ordered((product, 1), coupon=used)
    for code in (used, "NOSUCHCOUPON1"):
        cart = shop.cart((product, 2))
        reply = shop.order(cart, coupon=code)
        if reply.status < 400:
            reply.fail("A coupon that does not count should refuse the order.")
        if shop.stock(product) != 9 or shop.content(cart) != {product: 2}:
            reply.fail("An order that was refused for its coupon has changed stock or cart.")
    short = shop.product(stock=0)
    fresh = shop.coupon(50)
    reply = shop.order(shop.cart((short, 1)), coupon=fresh)
    if reply.status < 400:
        reply.fail("There is no stock; the order should be refused.")
    later = shop.order(shop.cart((product, 1)), coupon=fresh)
    if later.status >= 400:
        later.fail("An order that was refused has used its coupon.")


@pytest.mark.criterion("coupon.discount")
def test_the_discount_is_rounded_down(shop, draw):
    """To a whole cent; 100 per cent is all of it."""
    for price, percent in ((199, 33), (1, 99), (1005, 10), (29, 100), (12_345, 1), (57, 50)):
        quantity = draw.integer(1, 9)
        code = shop.coupon(percent)
        order = shop.ordered((shop.product(price), quantity), coupon=code)
        wanted = price * quantity * percent // 100
        if order.get("discount_cents") != wanted or order.get("coupon") != code:
            pytest.fail(
                f"{percent} per cent of {price * quantity} cents should be {wanted}, with the "
                f"coupon's code; it was {order.get('discount_cents')}."
            )
        assert shop.read(order) == order, "GET of the order says another discount."


@pytest.mark.criterion("coupon.discount")
def test_null_is_no_coupon(app, shop):
    """The same as none at all."""
    cart = shop.cart((shop.product(100), 1))
    body, headers = {"cart_id": cart, "coupon": None}, {"Idempotency-Key": shop.key()}
    order = shop.made(app.post("/orders", json=body, headers=headers))
    assert (order.get("coupon"), order.get("discount_cents")) == (None, 0), "null is no coupon."


@pytest.mark.criterion("coupon.once")
def test_a_coupon_counts_for_one_order(shop, refused):
    """For whatever cart; and one that there is not for none, other letters included."""
    product, code = shop.product(), shop.coupon()
    shop.ordered((product, 1), coupon=code)
    for _ in range(2):
        reply = shop.order(shop.cart((product, 1)), coupon=code)
        refused(reply, 409, "coupon_used", "A coupon that was used")
    fresh = shop.coupon()
    for other in (fresh.lower(), f"{fresh} ", fresh[:-1], f"{fresh}' OR '1'='1", "é" * 5):
        reply = shop.order(shop.cart((product, 1)), coupon=other)
        refused(reply, 400, "unknown_coupon", f"The coupon {other!r} that there is not")
    shop.ordered((product, 1), coupon=fresh)
