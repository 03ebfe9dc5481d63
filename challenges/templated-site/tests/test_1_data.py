"""Rows on pages, the search, and the form in which values are shown."""

import re
from datetime import date
from urllib.parse import quote

import pytest

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def newest_first(products):
    """The ids of `products` in the order of the list."""
    return [one.id for one in sorted(products, key=lambda one: (one.added_on, one.id))][::-1]


def some(shop, draw, count):
    """Products with dates in no order, the last two of one day."""
    days = draw.sample(range(1, 29), count - 1)
    month = (draw.integer(2021, 2040), draw.integer(1, 12))
    return [shop.add(added_on=date(*month, day)) for day in (*days, days[-1])]


@pytest.mark.criterion("data.list")
def test_the_list_has_a_card_for_each_row(shop, draw, spaced):
    """With name and picture, newest first."""
    products = some(shop, draw, 5)
    view = shop.see("/products")
    for product in products:
        card = view.card(product)
        if product.name not in spaced(card.get_text()):
            view.fail(f"The card of the product {product.id} does not show its name.")
        if not any(image.get("alt") == product.name for image in card.select("img")):
            view.fail("Each card has to have a picture (<img>) with the name as its alt text.")
    wanted = newest_first(products)
    if view.ids != wanted:
        view.fail(f"The cards should be those of {wanted}, newest first; they are {view.ids}.")


@pytest.mark.criterion("data.list")
def test_the_list_follows_the_table(shop, draw):
    """What was changed or deleted a moment ago is seen."""
    kept, gone = shop.add(), shop.add()
    shop.see("/products")
    name = draw.sentence()
    shop.rename(kept, name)
    shop.delete(gone)
    view = shop.see("/products")
    if name not in view.text:
        view.fail("A product was renamed in MySQL, and the list still shows the old name.")
    if view.ids != [kept.id]:
        view.fail(f"A product was deleted in MySQL; the list has cards of {view.ids}.")


@pytest.mark.criterion("data.home")
def test_home_shows_the_four_newest(shop, draw):
    """In their order; fewer, where there are fewer."""
    products = some(shop, draw, 6)
    view = shop.see("/")
    wanted = newest_first(products)[:4]
    if view.ids != wanted:
        view.fail(f"The cards should be those of {wanted}, newest first; they are {view.ids}.")
    for product in products[:-1]:
        shop.delete(product)
    view = shop.see("/")
    if view.ids != [products[-1].id]:
        view.fail(f"One product is left in MySQL, and / has cards of {view.ids}.")


@pytest.mark.criterion("data.product")
def test_the_page_of_a_product(shop, spaced):
    """It shows that one, with all of its description, and no other."""
    product, other = shop.add(description="long " * 60), shop.add()
    view = shop.see(f"/products/{product.id}")
    if spaced(view.require("h1").get_text()) != product.name:
        view.fail(f"The <h1> should be the name of the product, {product.name!r}.")
    if product.name not in spaced(view.page.title):
        view.fail("The <title> does not hold the name of the product.")
    for what, text in (("category", product.category), ("description", product.description)):
        if spaced(text) not in view.text:
            view.fail(f"The page does not show the whole {what} of the product.")
    if other.name in view.text:
        view.fail("The page shows another product, too.")


@pytest.mark.criterion("data.product")
def test_no_such_product(app, shop):
    """A deleted one, and what is no number."""
    product = shop.add()
    shop.delete(product)
    for path in (f"/products/{product.id}", "/products/2147483600", "/products/abc"):
        reply = app.get(path)
        if reply.status != 404:
            reply.fail(f"There is no such product, so 404 is the answer; this was {reply.status}.")


# --- search ----------------------------------------------------------------------------------


def search(shop, **query):
    """The page that the query leads to."""
    listed = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    return shop.see(f"/products?{listed}")


def require_found(view, *products):
    wanted = sorted(one.id for one in products)
    found = sorted(one for one in view.ids if one is not None)
    if found != wanted:
        view.fail(f"This search should find the products {wanted}; it finds {found}.")


@pytest.mark.criterion("search.text")
def test_search_looks_into_name_and_description(shop, draw):
    """In any case of letters, and nothing else."""
    text = draw.word()
    named, described = shop.add(name=f"Green {text} cup"), shop.add(description=f"With {text}.")
    shop.add()
    require_found(search(shop, q=text), named, described)
    require_found(search(shop, q=text.upper()), named, described)
    everything = shop.see("/products?q=")
    if len(everything.ids) != 3:
        everything.fail("An empty q should find everything.")


@pytest.mark.criterion("search.text")
def test_search_takes_every_character_as_it_is(shop, draw):
    """A quote ends no SQL, and the wildcards of LIKE are none."""
    word = draw.word()
    for sign in ("'", "%", "_"):
        with_sign = shop.add(name=f"{word}{sign}x"), shop.add(description=f"{word}{sign}x")
        shop.add(name=f"{word}-x"), shop.add(description=f"{word}--x")
        require_found(search(shop, q=f"{word}{sign}x"), *with_sign)
        for product in with_sign:
            shop.delete(product)


@pytest.mark.criterion("search.text")
def test_nothing_is_found(shop, draw):
    """The page says so, and only then."""
    shop.add()
    view = search(shop, q=draw.word())
    require_found(view)
    if "No products found." not in view.text:
        view.fail('Nothing was found, so the page has to say "No products found."')
    view = shop.see("/products")
    if "No products found." in view.text:
        view.fail('There are products, and the page says "No products found."')


def search_form(view):
    """The form on the list; fails where it has not both fields."""
    form = view.page.form(having=("q", "category"))
    if form.method != "GET":
        view.fail("The search form has to be sent with GET.")
    for name in ("q", "category"):
        if name not in form.fields:
            view.fail(f"The search form has no field named {name!r}.")
    return form


@pytest.mark.criterion("search.category")
def test_the_form_filters_by_category(shop, draw):
    """Its choices come from the table; with a text, too."""
    one, other, text = draw.word(), draw.word(), draw.word()
    first = shop.add(category=one)
    second, third = shop.add(category=one, name=f"A {text}"), shop.add(category=other, name=text)
    view = shop.see("/products")
    form = search_form(view)
    options = view.page.find('select[name="category"] option')
    offered = [str(tag.get("value", tag.get_text(strip=True))) for tag in options]
    if offered[:1] != [""] or sorted(offered[1:]) != sorted([one, other]):
        wanted = ["", *sorted([one, other])]
        view.fail(f"The select should offer {wanted}; it offers {offered[:20]}.")
    require_found(view_of(view, form.submit({"category": one})), first, second)
    require_found(view_of(view, form.submit({"q": text, "category": other})), third)
    require_found(view_of(view, form.submit({"q": text})), second, third)
    require_found(search(shop, category=draw.word()))


def view_of(view, reply):
    """The page that an answer holds."""
    return type(view)(reply.expect(200).page(), "")


@pytest.mark.criterion("search.form")
def test_the_form_keeps_what_was_searched_for(shop, draw, spaced):
    """In its fields, and the text also outside of it."""
    text, category = draw.sentence(), draw.word()
    shop.add(category=category), shop.add()
    view = search(shop, q=text, category=category)
    form = search_form(view)
    if form.value("q") != text:
        view.fail(f"The field q should still hold {text!r}; it holds {form.value('q')[:200]!r}.")
    if form.value("category") != category:
        view.fail(f"The category {category!r} should still be selected.")
    form.tag.extract()
    if text not in spaced(view.page.soup.get_text()):
        view.fail("The page does not say, outside of the form, which text was searched for.")


# --- filters ---------------------------------------------------------------------------------


def both(shop, spaced, product):
    """The card and the page of a product: what each is called, its text, and its view."""
    for view in (shop.see("/products"), shop.see(f"/products/{product.id}")):
        on_list = view.name == "/products"
        text = spaced(view.card(product).get_text()) if on_list else view.text
        yield ("The card" if on_list else "The page of the product"), text, view


@pytest.mark.criterion("format.price")
def test_prices(shop, draw, spaced):
    """Two decimals, commas between thousands, and free. The currency has its own criterion."""
    for cents in (5, draw.integer(101, 999) * 100, draw.integer(1_000_001, 99_999_999)):
        product = shop.add(price_cents=cents)
        shown = f"{cents // 100:,}.{cents % 100:02}"
        for where, text, view in both(shop, spaced, product):
            if not re.search(rf"(?<![\d.,]){re.escape(shown)}(?![\d,]|\.\d)", text):
                view.fail(f"{where} should show the price_cents {cents} as {shown}.")
    product = shop.add(price_cents=0)
    for where, text, view in both(shop, spaced, product):
        if not re.search(r"\bfree\b", text, re.IGNORECASE) or re.search(r"\b0\.00", text):
            view.fail(f"{where} should show the price_cents 0 as free.")


@pytest.mark.criterion("format.date")
def test_dates(shop, draw, spaced):
    """Without a zero in front, the month in English."""
    for first, last in ((1, 9), (10, 28)):
        day = date(draw.integer(2021, 2040), draw.integer(1, 12), draw.integer(first, last))
        product = shop.add(added_on=day)
        shown = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
        for where, text, view in both(shop, spaced, product):
            if not re.search(rf"(?<!\d){shown}", text):
                view.fail(f"{where} should show the date {day} as {shown}.")


@pytest.mark.criterion("format.excerpt")
def test_excerpts(shop, draw, spaced):
    """80 characters are whole, 81 are cut to 80; signs are counted before they are escaped."""
    start = " ".join(draw.word(9) for _ in range(8))
    whole, signs = start + draw.word(1), " ".join("a<&" for _ in range(20))
    longer = start + draw.word(30)
    for text in (whole, whole + "x", longer, signs + signs):
        product = shop.add(description=text)
        view = shop.see("/products")
        card = spaced(view.card(product).get_text())
        shown = text if len(text) <= 80 else text[:79] + "…"
        if shown not in card or (len(text) <= 80 and f"{text}…" in card):
            view.fail(
                f"The description has {len(text)} characters; the card should show it as: {shown}"
            )


@pytest.mark.criterion("format.lines")
def test_lines(shop, draw):
    """Each line of a description is a piece of text on its own."""
    lines = [draw.sentence() for _ in range(3)]
    product = shop.add(description="\n".join(lines))
    view = shop.see(f"/products/{product.id}")
    missing = next((line for line in lines if line not in view.page.strings), None)
    if missing:
        view.fail(
            f"The line {missing!r} of the description is not on its own: divide lines by <br>, or "
            "put each into an element."
        )
