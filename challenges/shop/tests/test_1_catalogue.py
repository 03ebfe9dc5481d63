"""What there is, as it is now."""

import pytest

FIELDS = ("id", "name", "price_cents", "stock")
MANY = 60


@pytest.mark.criterion("products.list")
def test_all_products_are_listed(app, shop, draw):
    """Each with its values, by id, on one page."""
    texts = [one.value.strip()[:80] for one in draw.edge_names()]
    numbers = [shop.product(name=text) for text in texts]
    numbers += [shop.product(draw.integer(0, 500), draw.integer(0, 9)) for _ in range(MANY)]
    reply = app.get("/products").expect(200)
    items = reply.json(dict, labelled=False).get("items")
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        reply.fail("`items` should be a list of objects.")
    found = {one.get("id"): one for one in items}
    for number in numbers:
        require_product(reply, found.get(number), number, shop)
    listed = [one.get("id") for one in items]
    if any(type(one) is not int for one in listed) or listed != sorted(set(listed)):
        reply.fail("Each product should be listed once, by id.")


@pytest.mark.criterion("products.one")
def test_a_product_is_as_it_is_now(app, shop, draw):
    """A price, a name, a stock that was changed counts at once."""
    number = shop.product(stock=7)
    reply = app.get(f"/products/{number}").expect(200)
    require_product(reply, reply.json(dict), number, shop)
    for columns in ({"price_cents": 0}, {"name": draw.unicode()}, {"stock": 3, "price_cents": 5}):
        shop.change(number, **columns)
        reply = app.get(f"/products/{number}").expect(200)
        require_product(reply, reply.json(dict), number, shop)


@pytest.mark.criterion("products.one")
def test_an_unknown_product_is_a_404(app, shop):
    """A number that no product has, and what is no number."""
    shop.product()
    for number in ("2147483600", "0", "99999999999999999999", "abc", "1.0", "-1"):
        reply = app.get(f"/products/{number}")
        if reply.status != 404:
            reply.fail(f"GET /products/{number} should answer 404, not {reply.status}.")


def require_product(reply, found, number, shop):
    """Fail unless `found` says of a product what the table says."""
    if not isinstance(found, dict):
        reply.fail(f"The product {number} should be there.")
    wanted = {"id": number} | shop.row(number)
    for name in FIELDS:
        if type(found.get(name)) is not type(wanted[name]) or found[name] != wanted[name]:
            reply.fail(f"`{name}` of product {number} should be {wanted[name]!r}.")
