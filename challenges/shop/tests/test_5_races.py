"""Many clients at once, and an app that is killed."""

import threading

import pytest

CLIENTS = 20
TRIES = 3


@pytest.mark.criterion("race.stock")
@pytest.mark.parametrize(("stock", "quantity"), [(5, 1), (7, 2), (1, 1)])
def test_no_more_are_sold_than_there_are(app, shop, stock, quantity):
    """Twenty orders at the same moment for the last ones."""
    product = shop.product(stock=stock)
    carts = [(shop.cart((product, quantity)), shop.key()) for _ in range(CLIENTS)]
    replies = app.together([lambda c=cart, k=key: shop.order(c, k) for cart, key in carts])
    made = [one for one in replies if one.status == 201]
    for reply in replies:
        if reply.status not in (201, 409):
            reply.fail(f"An order should be made or get 409, not {reply.status}.")
    left = shop.stock(product)
    if len(made) != stock // quantity or left != stock - len(made) * quantity:
        replies[-1].fail(
            f"Of {CLIENTS} orders for {quantity} at once, {len(made)} were made though there were "
            f"{stock}; {left} are left. Exactly {stock // quantity} can be made."
        )
    assert len({shop.made(one)["id"] for one in made}) == len(made), "Two orders have one id."


@pytest.mark.criterion("race.cart")
def test_one_cart_makes_one_order(app, shop):
    """However many ask for it at the same moment, each with a key of its own."""
    for _ in range(TRIES):
        product = shop.product(stock=50)
        cart, keys = shop.cart((product, 3)), [shop.key() for _ in range(8)]
        replies = app.together([lambda k=key, c=cart: shop.order(c, k) for key in keys])
        made = [one for one in replies if one.status == 201]
        for reply in replies:
            if reply.status not in (201, 400):
                reply.fail(f"An order of the same cart should be a 201 or 400, not {reply.status}.")
        if len(made) != 1 or shop.stock(product) != 47:
            replies[-1].fail(
                f"One cart of 3 has made {len(made)} orders, and {50 - shop.stock(product)} are "
                "out of stock."
            )
        assert shop.content(cart) == {}, "The cart should be empty after its order."


@pytest.mark.criterion("race.deadlock")
def test_orders_in_another_order_are_no_5xx(app, shop):
    """Products that are put in the one way round and the other."""
    for _ in range(TRIES):
        products = [shop.product(stock=200) for _ in range(4)]
        turns = [products, products[::-1], products[1:] + products[:1], products[::2]]
        carts = [
            (shop.cart(*((one, 1) for one in turns[number % len(turns)])), shop.key())
            for number in range(CLIENTS)
        ]
        replies = app.together([lambda c=cart, k=key: shop.order(c, k) for cart, key in carts])
        for reply in replies:
            if reply.status != 201:
                reply.fail(
                    "There is enough of everything, so that each order can be made; with others "
                    f"at the same moment this one got {reply.status}."
                )
        sold = {one: sum(one in turns[n % len(turns)] for n in range(CLIENTS)) for one in products}
        left = {one: shop.stock(one) for one in products}
        if left != {one: 200 - count for one, count in sold.items()}:
            replies[-1].fail(f"The stock should have gone down by {sold}; it is {left} of 200.")


@pytest.mark.criterion("race.coupon")
def test_a_coupon_counts_once_at_the_same_moment(app, shop):
    """One order has it, the others are refused and have changed nothing."""
    for _ in range(TRIES):
        product, code = shop.product(1000, 50), shop.coupon(30)
        carts = [(shop.cart((product, 1)), shop.key()) for _ in range(8)]
        replies = app.together([lambda c=c, k=k, o=code: shop.order(c, k, o) for c, k in carts])
        made = [one for one in replies if one.status == 201]
        for reply in replies:
            if reply.status not in (201, 409):
                reply.fail(f"An order with the same coupon should be 201 or 409: {reply.status}.")
        if len(made) != 1 or shop.stock(product) != 49:
            replies[-1].fail(f"One coupon has counted for {len(made)} orders at the same moment.")
        assert shop.made(made[0]).get("discount_cents") == 300, "The coupon was not taken off."


@pytest.mark.criterion("race.killed")
def test_no_half_of_an_order_is_left(app, shop):
    """Killed in the middle of many: with their keys again, each is made once."""
    first, second = shop.product(100, 500), shop.product(10, 500)
    orders = [(shop.cart((first, 2), (second, 3)), shop.key()) for _ in range(CLIENTS)]
    made = threading.Event()

    def ordered(cart, key):
        reply = shop.attempt(cart, key)
        if reply is not None and reply.status == 201:
            made.set()
        return reply

    def killed():
        app.get("/health")
        made.wait(2)
        app.kill()

    calls = [lambda c=cart, k=key: ordered(c, k) for cart, key in orders]
    *replies, _ = app.together([*calls, killed])
    before = {
        key: shop.made(reply)["id"]
        for (_, key), reply in zip(orders, replies, strict=True)
        if reply is not None and reply.status == 201
    }
    sold = shop.stock(first), shop.stock(second)
    if (500 - sold[0]) * 3 != (500 - sold[1]) * 2:
        pytest.fail(
            f"After a kill the stock is {sold} of 500 each, where each order takes 2 and 3."
        )
    ids = set()
    for cart, key in orders:
        order = shop.made(shop.order(cart, key))
        if before.get(key, order["id"]) != order["id"]:
            pytest.fail("An order that was made before the kill is made again with its key.")
        if shop.read(order) != order or len(order.get("lines") or ()) != 2:
            pytest.fail("After a kill an order lacks some of its lines.")
        ids.add(order["id"])
    left = shop.stock(first), shop.stock(second)
    if left != (500 - 2 * CLIENTS, 500 - 3 * CLIENTS) or len(ids) != CLIENTS:
        pytest.fail(
            f"After a kill and with their keys again, {CLIENTS} orders have made {len(ids)}; "
            f"{left} of 500 each are left."
        )


@pytest.mark.criterion("order.persists")
def test_all_is_there_in_a_new_container(app, shop):
    """Carts, orders, keys, coupons that were used."""
    product, key, code = shop.product(stock=10), shop.key(), shop.coupon()
    cart, kept = shop.cart((product, 2)), shop.cart((product, 1))
    order = shop.made(shop.order(cart, key, code))
    app.recreate()
    assert shop.content(kept) == {product: 1}, "A new container has lost a cart."
    assert shop.read(order) == order, "A new container has lost an order, or changed it."
    assert shop.made(shop.order(cart, key, code)) == order, "A new container has lost a key."
    reply = shop.order(kept, coupon=code)
    if reply.status < 400:
        reply.fail("After a new container a coupon counts again.")
    assert shop.stock(product) == 8, "A new container has changed the stock."
