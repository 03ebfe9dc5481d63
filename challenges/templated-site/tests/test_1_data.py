"""Rows on pages: lists, the home page, the page of a product."""

from datetime import date
from urllib.parse import quote

import pytest

MANY = 120
"""More products than any page of a list has by habit."""


def newest_first(products):
    """The ids of `products` in the order of the list."""
    return [one.id for one in sorted(products, key=lambda one: (one.added_on, one.id))][::-1]


def some(shop, draw):
    """Seven products, three of them of one day.

    Their dates are in no order, not even as texts: neither days, months nor years alone tell it.
    """
    year, day = draw.integer(2021, 2035), draw.integer(10, 20)
    dates = [
        date(year, 12, day), date(year + 1, 1, day - 8), date(year + 1, 2, 3),
        date(year, 3, day + 8), date(year - 12, 11, 30),
    ]  # fmt: skip
    last = draw.choice(dates)
    return shop.add_all([{"added_on": day} for day in (*draw.sample(dates, 5), last, last)])


def require_order(view, products, limit=None):
    """Fail unless the cards of the page are those of `products`, newest first."""
    wanted = newest_first(products)[:limit]
    if view.ids != wanted:
        if sorted(wanted) == sorted(one for one in view.ids if one is not None):
            days = ", ".join(
                str(one.added_on) for number in view.ids for one in products if one.id == number
            )
            view.fail(
                f"The cards should be in the order {wanted}, newest first by added_on, then by id; "
                f"they are {view.ids}, with the dates {days}."
            )
        view.fail(f"The cards should be those of {wanted}, newest first; they are {view.ids}.")


@pytest.mark.criterion("data.list")
def test_the_list_has_a_card_for_each_row(shop, draw, spaced):
    """With name and picture, newest first."""
    products = some(shop, draw)
    view = shop.see("/products")
    for product in products:
        card = view.card(product)
        if product.name not in spaced(card.get_text()):
            view.fail(f"The card of the product {product.id} does not show its name.")
        links = [one for one in card.select("a[href]") if product.name in spaced(one.get_text())]
        if not any(view.path_of(link) == f"/products/{product.id}" for link in links):
            view.fail(
                f"On the card of the product {product.id} the name is no link to its page, "
                f"/products/{product.id}."
            )
        if not any(image.get("alt") == product.name for image in card.select("img")):
            view.fail("Each card has to have a picture (<img>) with the name as its alt text.")
    require_order(view, products)
    word = draw.word()
    found = [shop.change(one, category=word) for one in products[1:]]
    require_order(shop.see(f"/products?category={word}"), found)
    found = [  # where a search looks has a criterion of its own
        shop.change(one, name=f"{one.name} {word}", description=f"{draw.sentence()} {word}")
        for one in found
    ]
    for query in (f"q={word}", f"q={word}&category={word}"):
        require_order(shop.see(f"/products?{query}"), found)


@pytest.mark.criterion("data.list")
def test_the_list_is_whole(shop, draw):
    """However many products there are, and however long the values of a row."""
    category = draw.word()
    many = shop.add_all([{"category": category} for _ in range(MANY)])
    shop.add()
    for path, count in (("/products", MANY + 1), (f"/products?category={category}", MANY)):
        view = shop.see(path)
        if len(view.cards) != count:
            view.fail(f"There are {count} such products; the page has {len(view.cards)} cards.")
    for product in many:
        shop.delete(product)
    longest = {
        "name": f"{draw.word(40)} {'ü🎉' * 19}!", "category": f"{draw.word(20)} {'é🎈' * 9}!",
        "description": f"{draw.word()} 漢" * 900, "price_cents": 2**31 - 1,
        "added_on": date(2096, 2, 29),
    }  # fmt: skip
    product = shop.add(**longest)
    view = shop.see("/products")
    if product.name not in view.text:
        view.fail(f"The list does not show a name of 80 characters as it is: {product.name}")


@pytest.mark.criterion("data.list")
def test_the_list_follows_the_table(shop, draw):
    """What was changed, added or deleted a moment ago is seen."""
    kept, gone = shop.add(), shop.add()
    shop.see("/products")
    changed = shop.change(kept, name=draw.sentence(), description=draw.sentence())
    shop.delete(gone)
    view = shop.see("/products")
    if changed.name not in view.text:
        view.fail("A product was renamed in MySQL, and the list still shows the old name.")
    if changed.description not in view.text:
        view.fail("A description was changed in MySQL, and the list still shows the old one.")
    if view.ids != [kept.id]:
        view.fail(f"A product was deleted in MySQL; the list has cards of {view.ids}.")
    new = shop.add()
    view = shop.see("/products")
    if new.id not in view.ids:
        view.fail("A product was added in MySQL, and the list does not show it.")


@pytest.mark.criterion("data.list")
def test_a_start_keeps_the_table(app, shop):
    """Where the table is there already, the app's start leaves it and its rows alone."""
    product = shop.add()
    app.kill()
    view = shop.see("/products")
    if product.id not in view.ids:
        view.fail(
            "After the app was started again, a product of the table is gone. Create the table "
            "only where there is none (IF NOT EXISTS), and delete nothing."
        )


@pytest.mark.criterion("data.home")
def test_home_shows_the_four_newest(shop, draw):
    """In their order; fewer, where there are fewer."""
    products = some(shop, draw)
    require_order(shop.see("/"), products, 4)
    oldest = min(products, key=lambda one: (one.added_on, one.id))
    products.remove(oldest)
    products.append(shop.change(oldest, added_on=date(2090, 1, 2), name=draw.sentence()))
    view = shop.see("/")
    require_order(view, products, 4)
    if products[-1].name not in view.text:
        view.fail("A product was renamed in MySQL, and / still shows the old name.")
    # the four are the same, in the same order, so what was kept of them would be shown
    changed = shop.change(products[-1], name=draw.sentence(), description=draw.sentence())
    view = shop.see("/")
    for what, text in (("name", changed.name), ("description", changed.description)):
        if text not in view.text:
            view.fail(f"The {what} of a product was changed in MySQL, and / shows the old one.")
    for product in products[:-1]:
        shop.delete(product)
    view = shop.see("/")
    if view.ids != [products[-1].id]:
        view.fail(f"One product is left in MySQL, and / has cards of {view.ids}.")
    shop.delete(products[-1])
    if (view := shop.see("/")).cards:
        view.fail(f"No product is left in MySQL, and / has cards of {view.ids}.")


def require_product(view, product, spaced):
    """Fail unless the page shows that product."""
    headings = [spaced(one.get_text()) for one in view.page.find("h1")]
    if product.name not in headings:
        view.fail(f"An <h1> should be the name of the product, {product.name!r}.")
    if product.name not in spaced(view.page.title):
        view.fail("The <title> does not hold the name of the product.")
    for what, text in (("category", product.category), ("description", product.description)):
        if spaced(text) not in view.text:
            view.fail(f"The page does not show the whole {what} of the product.")


@pytest.mark.criterion("data.product")
def test_the_page_of_a_product(shop, draw, spaced):
    """It shows that one, with all of its description, and no other, as it is in the table now."""
    long = "\n".join(f"long {draw.word()} " * 90 for _ in range(9))
    product, other = shop.add(description=f"{long} {draw.word()}"), shop.add()
    path = f"/products/{product.id}"
    view = shop.see(path)
    require_product(view, product, spaced)
    if other.name in view.text:
        view.fail("The page shows another product, too.")
    changed = shop.change(
        product, name=draw.sentence(), category=draw.word(), description=draw.sentence()
    )
    view = shop.see(path)
    if product.name in view.text:
        view.fail("The product was renamed in MySQL, and its page still shows the old name.")
    require_product(view, changed, spaced)


@pytest.mark.criterion("data.product")
def test_no_such_product(app, shop, draw):
    """A deleted one, and what is no number."""
    product, kept = shop.add(), shop.add()
    shop.delete(product)
    unknown = [case.value for case in draw.bad_ids(kept.id)]
    coerced = [f"{kept.id}.0", f"{kept.id}e0", f"{kept.id}_0", f"{kept.id}abc"]
    for part in (str(product.id), "2147483600", "abc", *coerced, *unknown):
        reply = app.get(f"/products/{quote(part, safe='')}")
        if reply.status != 404:
            reply.fail(f"There is no such product, so 404 is the answer; this was {reply.status}.")
