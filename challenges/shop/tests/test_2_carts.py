"""Carts: one line for each product, quantities, prices of the shop alone."""

import hashlib
import re

import pytest

MOST = 99
CART_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
BAD = (0, -1, 100, 1.5, 2.0, "2", "", True, False, None, [1], {}, 10**30, -(10**30), "two")
UNKNOWN = 2147483600
VARIED = 12
"""Characters that differ between ids which are drawn at random, at the least."""


@pytest.mark.criterion("cart.create")
def test_a_cart_is_made(app, shop, path_of):
    """201 with the cart and Location; it is empty, and can be read."""
    for body in ({}, {"id": "x" * 20, "lines": [{"product_id": 1, "quantity": 1}]}, None):
        reply = app.post("/carts", json=body) if body is not None else app.post("/carts")
        reply.expect(201)
        content, _ = shop.lines_of(reply, "total_cents")
        number = reply.json(dict).get("id")
        if not isinstance(number, str) or not CART_ID.fullmatch(number):
            reply.fail("The id of a cart should be a text of 16 to 64 letters, digits, - and _.")
        if content or number == "x" * 20:
            reply.fail("A new cart should be empty, and its id the shop's own.")
        if path_of(reply) != f"/carts/{number}":
            reply.fail(f"Location should be /carts/{number[:40]}.")
        if shop.content(number):
            reply.fail("A new cart should be empty when it is read.")


@pytest.mark.criterion("cart.create")
def test_nobody_guesses_an_id(shop):
    """It is drawn at random: most of its characters differ from cart to cart."""
    ids = [str(shop.new_cart()) for _ in range(12)]
    assert len(set(ids)) == len(ids), "Two carts have the same id."
    width = min(len(one) for one in ids)
    varied = sum(len({one[at] for one in ids}) > 2 for at in range(width))
    if varied < VARIED or all(one.isdigit() for one in ids):
        pytest.fail(
            f"The ids of carts look as if they were counted up: {ids[0]}, {ids[1]}, {ids[2]}. "
            "Whoever knows one would guess the next."
        )
    counted = {
        make(str(number).encode()).hexdigest()[: len(ids[0])]
        for number in range(3000)
        for make in (hashlib.md5, hashlib.sha1, hashlib.sha256)
    }
    if counted & {one.lower() for one in ids}:
        pytest.fail("The id of a cart is the hash of a number that is counted up.")


@pytest.mark.criterion("cart.add")
def test_each_product_has_one_line(shop):
    """What is put in again adds to its line; the order is that of the first time."""
    first, second, third = shop.product(450), shop.product(1999), shop.product(1)
    cart, other = shop.cart((second, 2)), shop.cart((first, 5))
    for product, quantity in ((first, 1), (second, 3), (third, 99), (first, 4)):
        reply = shop.put_in(cart, product, quantity).expect(200)
    content, lines = shop.lines_of(reply, "total_cents")
    wanted = {second: 5, first: 5, third: 99}
    if content != wanted:
        reply.fail(f"The cart should hold {wanted} by product; it holds {content}.")
    if [line["product_id"] for line in lines] != [second, first, third]:
        reply.fail("Lines should stand in the order in which their products were put in.")
    for line in lines:
        row = shop.row(line["product_id"])
        if (line["name"], line["price_cents"]) != (row["name"], row["price_cents"]):
            reply.fail("A line should have the product's name and price.")
    if shop.content(cart) != wanted:
        reply.fail("GET of the cart should answer what putting in has answered.")
    if shop.content(other) != {first: 5}:
        reply.fail("What is put into one cart is in another one, too.")
    if [shop.stock(one) for one in (first, second, third)] != [100, 100, 100]:
        reply.fail("A cart reserves nothing: the stock should be as it was.")


@pytest.mark.criterion("cart.add")
def test_a_cart_has_the_prices_of_now(app, shop, draw):
    """A price that was changed counts for what is in a cart already."""
    product = shop.product(300)
    cart = shop.cart((product, 3))
    name = f"{draw.word()} {draw.unicode()}"
    shop.change(product, price_cents=299, name=name)
    reply = app.get(f"/carts/{cart}").expect(200)
    _, lines = shop.lines_of(reply, "total_cents")
    if [(one["name"], one["line_cents"]) for one in lines] != [(name, 897)]:
        reply.fail("A cart should have the names and prices of now.")


@pytest.mark.criterion("cart.add")
def test_more_than_there_is_goes_into_a_cart(shop):
    """Stock is looked at when it is ordered."""
    product = shop.product(stock=0)
    assert shop.content(shop.cart((product, 99))) == {product: 99}, "The cart should hold 99."


@pytest.mark.criterion("cart.change")
def test_a_line_is_changed_and_taken_out(app, shop):
    """PUT makes it so many, DELETE takes it out."""
    first, second = shop.product(), shop.product()
    cart = shop.cart((first, 3), (second, 1))
    for quantity in (1, 99, 7):
        reply = app.put(f"/carts/{cart}/lines/{first}", json={"quantity": quantity}).expect(200)
        for content in (shop.lines_of(reply, "total_cents")[0], shop.content(cart)):
            if content != {first: quantity, second: 1}:
                reply.fail(f"The cart should hold {quantity} of the product; it holds {content}.")
    reply = app.delete(f"/carts/{cart}/lines/{first}").expect(204)
    if reply.body or shop.content(cart) != {second: 1}:
        reply.fail("The product should be out of the cart, and the answer without a body.")
    for reply in (
        app.delete(f"/carts/{cart}/lines/{first}"),
        app.put(f"/carts/{cart}/lines/{first}", json={"quantity": 2}),
    ):
        if reply.status != 404:
            reply.fail(f"A line that the cart does not have should be a 404, not {reply.status}.")
    assert shop.content(cart) == {second: 1}, "A line that was not there was made by PUT."


@pytest.mark.criterion("cart.quantities")
@pytest.mark.parametrize("how", ["POST", "PUT"])
def test_a_bad_quantity_is_refused(app, shop, refused, how):
    """With 400, and the cart is as it was."""
    product, cart = shop.product(), None
    cart = shop.cart((product, 3))
    path = f"/carts/{cart}/lines" + ("" if how == "POST" else f"/{product}")
    bodies = [{"product_id": product, "quantity": value} for value in BAD]
    for body in (*bodies, {"product_id": product}):
        reply = app.request(how, path, json=body)
        said = repr(body.get("quantity", "missing"))[:40]
        refused(reply, 400, "", f"A quantity that is {said}")
        if shop.content(cart) != {product: 3}:
            reply.fail(f"A quantity that is {said} is refused, and has changed the cart.")


@pytest.mark.criterion("cart.quantities")
def test_a_line_has_99_at_most(shop, refused):
    """After adding, too."""
    product = shop.product()
    cart = shop.cart((product, 60))
    refused(shop.put_in(cart, product, 40), 400, "", "Adding 40 to 60 of a product")
    assert shop.content(cart) == {product: 60}, "What was refused has changed the cart."
    shop.put_in(cart, product, 39).expect(200)
    assert shop.content(cart) == {product: 99}, "60 and 39 of a product are 99."


@pytest.mark.criterion("cart.prices")
def test_the_client_sets_no_price(app, shop, draw):
    """Fields with prices and names are ignored, in a cart and in an order."""
    product = shop.product(4999)
    name = shop.row(product)["name"]
    more = {
        "price_cents": 1, "price": 0.01, "line_cents": 1, "total_cents": 1, "name": draw.word(),
        "discount_cents": 4998, "subtotal_cents": 1, "unit_price": 1, "percent": 100,
    }  # fmt: skip
    cart = shop.new_cart()
    replies = [
        shop.put_in(cart, product, 2, **more),
        app.put(f"/carts/{cart}/lines/{product}", json={"quantity": 2} | more),
        app.get(f"/carts/{cart}"),
    ]
    for reply in replies:
        reply.expect(200)
        for line in lines_in(reply):
            if (line.get("name", name), line.get("price_cents", 4999)) != (name, 4999):
                reply.fail("Name and price of a line should be the table's, whatever is sent.")
    quantity = shop.content(cart).get(product)
    line = {"product_id": product, "quantity": 2, "price_cents": 1, "line_cents": 2}
    reply = shop.order(cart, more={"lines": [line]} | more)
    if reply.status >= 400:
        reply.fail(f"Fields that are not named are ignored; this was {reply.status}.")
    found = shop.made(reply)
    if (found.get("total_cents"), found.get("discount_cents", 0)) != (4999 * quantity, 0):
        reply.fail("The client has set the price of an order.")
    if shop.row(product)["price_cents"] != 4999:
        reply.fail("The client has changed the price in the table.")


@pytest.mark.criterion("cart.unknown")
def test_what_does_not_exist_is_a_404(app, shop):
    """A cart, a product, a line."""
    product, other = shop.product(), shop.product()
    cart = shop.cart((product, 1))
    cart = str(cart)
    unknown = re.sub(".", "x", cart[:-1]) + "y"
    one = {"quantity": 1}
    replies = {
        "a cart that there is not": app.get(f"/carts/{unknown}"),
        "a number for a cart": app.get("/carts/1"),
        "a product for a cart that there is not": shop.put_in(unknown, product),
        "a change of a cart that there is not": app.put(
            f"/carts/{unknown}/lines/{product}", json=one
        ),
        "a line of a cart that there is not": app.delete(f"/carts/{unknown}/lines/{product}"),
        "a product that there is not": shop.put_in(cart, UNKNOWN),
        "a change of a product that there is not": app.put(
            f"/carts/{cart}/lines/{UNKNOWN}", json=one
        ),
        "a line of a product that there is not": app.delete(f"/carts/{cart}/lines/{UNKNOWN}"),
        "a product that is not in the cart": app.delete(f"/carts/{cart}/lines/{other}"),
        "a cart in other letters": app.get(f"/carts/{cart.swapcase()}"),
        "an order that there is not": app.get(f"/orders/{UNKNOWN}"),
    }
    for what, reply in replies.items():
        if reply.status != 404:
            reply.fail(f"It was {what}, which should be a 404, not {reply.status}.")
    assert shop.content(cart) == {product: 1}, "What was answered with 404 has changed the cart."


def lines_in(reply):
    """The lines of a cart that are objects."""
    lines = reply.json(dict, labelled=False).get("lines")
    return [one for one in lines if isinstance(one, dict)] if isinstance(lines, list) else []
