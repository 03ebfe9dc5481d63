"""Rows on pages, the search, and the form in which values are shown."""

import re
from datetime import date
from urllib.parse import quote

import pytest

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
PAGES = 5
"""How many products are looked at on their own pages as well."""
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
    for path in ("/products", "/", f"/products/{product.id}"):
        view = shop.see(path)
        if product.name not in view.text:
            view.fail(f"{path} does not show a name of 80 characters as it is: {product.name}")


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
    product, other = shop.add(description=f"long {draw.word()} " * 60), shop.add()
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


# --- search ----------------------------------------------------------------------------------


def search(shop, **query):
    """The page that the query leads to."""
    listed = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return shop.see(f"/products?{listed}")


def require_found(view, *products):
    wanted = sorted(one.id for one in products)
    found = sorted(one for one in view.ids if one is not None)
    if found != wanted:
        view.fail(f"This search should find the products {wanted}; it finds {found}.")


def odd_texts(draw):
    """Texts that stand in one line, with what is special about each."""
    return [case for case in draw.edge_texts(80) if not set(case.value) & set("\n\r\t")]


@pytest.mark.criterion("search.text")
def test_search_looks_into_name_and_description(shop, draw):
    """In any case of letters, and nothing else; what is found is in the order of the list."""
    text = f"{draw.word()} ümlaut жук {draw.word()}"
    named, described = shop.add(name=f"Green {text} cup"), shop.add(description=f"With {text}.")
    far = shop.add(description=f"{draw.sentence()} {draw.text(90)}\n{draw.sentence()} {text}")
    shop.add()
    for q in (text, text.upper(), text[3:-3].title()):
        view = search(shop, q=q)
        require_found(view, named, described, far)
        require_order(view, [named, described, far])
    everything = shop.see("/products?q=")
    if len(everything.ids) != 4:
        everything.fail("An empty q should find everything.")


@pytest.mark.criterion("search.text")
def test_search_finds_the_text_as_it_is(shop, draw):
    """Neither its words alone, nor a text over two columns, nor what another column holds."""
    one, two = draw.word(), draw.word()
    whole = shop.add(name=f"{one} {two}", category=f"{draw.word()}", price_cents=123400)
    shop.add(name=f"{two} {one}"), shop.add(name=one, description=two)
    shop.add(name=f"{one}{two}", description=f"{one}\n{two}")
    apart = shop.add(name=f"{one}  {two}")
    other = shop.add(category=f"{one} {two}")
    require_found(search(shop, q=f"{one} {two}"), whole)
    require_found(search(shop, q=f"{one[4:]} {two[:4]}"), whole)
    require_found(search(shop, q=f" {two}"), whole, apart)
    require_found(search(shop, q=whole.category))
    require_found(search(shop, q=other.name, category=other.category), other)


@pytest.mark.criterion("search.text")
def test_search_takes_every_character_as_it_is(shop, draw):
    """A quote ends no SQL, and the wildcards of LIKE are none."""
    word = draw.word()
    for sign in ("'", "%", "_", "\\", "\\%", '"', "|", "/", "!"):
        with_sign = shop.add(name=f"{word}{sign}x"), shop.add(description=f"{word}{sign}x")
        others = shop.add(name=f"{word}-x"), shop.add(description=f"{word}--x")
        require_found(search(shop, q=f"{word}{sign}x"), *with_sign)
        for product in (*with_sign, *others):
            shop.delete(product)
    cases = odd_texts(draw)
    products = shop.add_all([{"description": case.value} for case in cases])
    for case, product in zip(cases, products, strict=True):
        view = search(shop, q=case.value)
        if product.id not in view.ids:
            view.fail(f"A text with {case.why} stands in a description, but is not found there.")
    require_found(search(shop, q=f"{word}' OR 1=1 -- "))


@pytest.mark.criterion("search.text")
def test_nothing_is_found(shop, draw):
    """The page says so, and only then."""
    product = shop.add()
    for query in ({"q": draw.word()}, {"category": draw.word()},
                  {"q": draw.word(), "category": product.category}):  # fmt: skip
        view = search(shop, **query)
        require_found(view)
        if "No products found." not in view.text:
            view.fail('Nothing was found, so the page has to say "No products found."')
    for path in ("/products", f"/products?category={product.category}"):
        view = shop.see(path)
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


def require_offered(view, *categories):
    """Fail unless the select has an option for all, and then each of `categories` once."""
    options = view.page.find('select[name="category"] option')
    offered = [str(tag.get("value", tag.get_text(strip=True))) for tag in options]
    wanted = ["", *sorted(categories)]
    if offered[:1] != [""] or sorted(offered[1:]) != wanted[1:]:
        view.fail(f"The select should offer {wanted}; it offers {offered[:20]}.")


@pytest.mark.criterion("search.category")
def test_the_form_filters_by_category(shop, draw):
    """Its choices come from the table; with a text, too."""
    one, other, text = draw.word(), draw.word(), draw.word()
    first = shop.add(category=one)
    second, third = shop.add(category=one, name=f"A {text}"), shop.add(category=other, name=text)
    view = shop.see("/products")
    form = search_form(view)
    require_offered(view, one, other)
    require_found(shop.seen(form.submit({"category": one}).expect(200)), first, second)
    found = shop.seen(form.submit({"q": text, "category": other}).expect(200))
    require_found(found, third)
    require_offered(found, one, other)
    require_found(shop.seen(form.submit({"q": text}).expect(200)), second, third)
    require_found(search(shop, category=draw.word()))
    shop.delete(third)
    new = shop.add()
    require_offered(shop.see("/products"), one, new.category)


@pytest.mark.criterion("search.category")
def test_a_category_is_matched_as_a_whole(shop, draw):
    """Neither a part of its name nor a longer one; nor the wildcards of LIKE."""
    word = draw.word()
    names = (word, f"{word} & co", f"new {word}", f"{word[:-1]}%", f"{word[:-1]}_", f"{word}'s")
    products = shop.add_all([{"category": name} for name in names])
    for product in products:
        require_found(search(shop, category=product.category), product)
    require_found(search(shop, category=word[:-2]))
    require_offered(search(shop, category=word), *names)


@pytest.mark.criterion("search.form")
def test_the_form_keeps_what_was_searched_for(shop, draw, spaced):
    """In its fields, and the text also outside of it; whether anything is found or not."""
    category = draw.word()
    shop.add_all([{"category": f"{category} set"}, {"category": category[:-1]}])
    shop.add(category=category)
    cases = odd_texts(draw)
    blanks = f" {draw.word()} "
    for text in (draw.sentence(), blanks, *(case.value for case in draw.sample(cases, 5))):
        view = search(shop, q=text, category=category)
        form = search_form(view)
        if form.value("q") != text:
            view.fail(
                f"The field q should still hold {text!r}; it holds {form.value('q')[:200]!r}."
            )
        require_selected(view, category)
        form.tag.extract()
        if spaced(text) not in spaced(view.page.soup.get_text()):
            view.fail("The page does not say, outside of the form, which text was searched for.")
    require_selected(shop.see("/products"), "")


def require_selected(view, category):
    """Fail unless the select has this one selected, and no other."""
    select = 'select[name="category"]'
    if (held := search_form(view).value("category")) != category:
        view.fail(f"The category {category!r} should still be selected; it is {held[:200]!r}.")
    marked = view.page.find(f"{select} option[selected]")
    if len(marked) > 1:
        values = [str(one.get("value", one.get_text(strip=True)))[:80] for one in marked]
        view.fail(f"Only the category that was searched for may be selected; here are {values}.")


# --- filters ---------------------------------------------------------------------------------


def shown(shop, spaced, products, pages=PAGES):
    """Each of `products` on its card, the first ones on their page: where, the text, the view."""
    view = shop.see("/products")
    for product in products:
        yield product, "The card", spaced(view.card(product).get_text()), view
    for product in products[:pages]:
        view = shop.see(f"/products/{product.id}")
        yield product, "The page of the product", view.text, view


@pytest.mark.criterion("format.price")
def test_prices(shop, draw, environment, spaced):
    """Two decimals, commas between thousands, and free. The currency has its own criterion."""
    prices = (
        1, 5, 50, 99, 100, draw.integer(101, 999) * 100, 99_999, 100_000,
        draw.integer(1_000_001, 99_999_999), draw.integer(1_000_000_00, 2**31 - 1),
    )  # fmt: skip
    products = shop.add_all([{"price_cents": cents} for cents in prices])
    for product, where, text, view in shown(shop, spaced, products, len(products)):
        cents = product.price_cents
        price = f"{cents // 100:,}.{cents % 100:02}"
        if not re.search(rf"(?<![\d.,]){re.escape(price)}(?![\d,]|\.\d)", text):
            view.fail(f"{where} should show the price_cents {cents} as {price}.")
        if re.search(r"\bfree\b", text):
            view.fail(f"{where} shows the price_cents {cents} as free.")
    currency = re.escape(environment["CURRENCY"])
    for _, where, text, view in shown(shop, spaced, [shop.add(price_cents=0)]):
        if not re.search(r"\bfree\b", text) or re.search(r"\b0\.00", text):
            view.fail(f"{where} should show the price_cents 0 as free.")
        if re.search(rf"\bfree {currency}\b|\b{currency} free\b", text):
            view.fail(f"{where} should show the price_cents 0 as free, without a currency.")


@pytest.mark.criterion("format.date")
def test_dates(shop, draw, spaced):
    """Without a zero in front, the month in English: each of them, and the ends of the year."""
    year = draw.integer(2021, 2040)
    days = [date(year, month, draw.integer(1, 28)) for month in range(1, 13)]
    days += [date(year, draw.integer(1, 12), draw.integer(1, 9)), date(2028, 2, 29)]
    days += [date(year, 12, 31), date(year, 1, 1), date(1999, 10, 30)]
    products = draw.sample(shop.add_all([{"added_on": day} for day in days]), len(days))
    for product, where, text, view in shown(shop, spaced, products):
        day = product.added_on
        wanted = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
        if not re.search(rf"(?<!\d){wanted}(?!\d)", text):
            view.fail(f"{where} should show the date {day} as {wanted}.")


@pytest.mark.criterion("format.excerpt")
def test_excerpts(shop, draw, spaced):
    """80 characters are whole, 81 are cut to 80; signs are counted before they are escaped.

    What is counted are characters: not bytes, not words, and blanks and line breaks among them.
    """
    start = " ".join(draw.word(9) for _ in range(8))
    whole = start + draw.word(1)
    lines = f"{draw.word(9)} {draw.word(9)}\n{draw.word(9)}\n\n{draw.word(9)}"
    texts = {
        whole: "",
        whole + "x": "",
        whole[:-1]: "",
        start + draw.word(30): "",
        " ".join("a<&" for _ in range(40)): " Count the characters before they are escaped.",
        f"{draw.word(9)} {'é' * 90}": " Count characters, not bytes.",
        f"{draw.word(9)} {'é' * 70}": " Count characters, not bytes.",
        f"{draw.word(8)}  " * 12: " Two blanks are two characters.",
        lines: " A line break is a character; the text goes on behind it.",
        f"{lines}\n{start}": " A line break is a character; the text goes on behind it.",
        f"{start[:78]} {draw.word(9)}": " The last of the 79 characters is a blank.",
        f"{draw.word(30)}. {draw.word(20)}. {draw.word(40)}": "",
    }
    products = shop.add_all([{"description": text} for text in texts])
    view = shop.see("/products")
    for product in products:
        text = product.description
        card = spaced(view.card(product).get_text())
        cut = len(text) > 80
        wanted = spaced(f"{text[:79]}…" if cut else text)
        if wanted not in card or (not cut and f"{wanted}…" in card):
            view.fail(
                f"The description has {len(text)} characters; the card should show it as: "
                f"{wanted}{texts[text]}"
            )


@pytest.mark.criterion("format.lines")
def test_lines(shop, draw):
    """Each line of a description is a piece of text on its own."""
    for count in (1, 3, 7):
        lines = [draw.sentence() for _ in range(count)]
        text = "\n".join([*lines[:2], "", *lines[2:]]) if count > 3 else "\n".join(lines)
        product = shop.add(description=text)
        view = shop.see(f"/products/{product.id}")
        missing = next((line for line in lines if line not in view.page.strings), None)
        if missing:
            view.fail(
                f"The line {missing!r} of the description is not on its own: divide lines by <br>, "
                "or put each into an element."
            )
