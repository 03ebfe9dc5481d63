"""The form in which values are shown: prices, dates, excerpts, lines."""

import re
from datetime import date

import pytest

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
PAGES = 5
"""How many products are looked at on their own pages as well."""


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
        " ".join("a<&" for _ in range(19)): " Count the characters before they are escaped.",
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
