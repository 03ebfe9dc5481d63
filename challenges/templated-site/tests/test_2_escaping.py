"""Markup in data is text: what came with a row or with the URL is never a part of the page."""

from urllib.parse import quote

import pytest


def markup(tag):
    """Markup that shows wherever it is not escaped: in a text, and in attributes of any quotes."""
    return f"{tag}\" data-{tag}=\"1 <i data-{tag}>b</i> data-{tag} 'data-{tag}' &amp;"


def short_markup(tag):
    """The same for a column of 40 characters."""
    return f'{tag}" <i data-{tag}>b</i> data-{tag}'


def require_shown(view, text, shown, what):
    """Fail unless `text` stands in `shown`."""
    if text not in shown:
        view.fail(f"The {what} should be shown just as it is, markup included: {text}")


@pytest.mark.criterion("escape.cards")
@pytest.mark.parametrize("path", ["/", "/products"])
@pytest.mark.parametrize("column", ["name", "category", "description"])
def test_cards(shop, draw, spaced, path, column):
    """Each column of a row, on both pages that have cards."""
    tag = draw.word(5)
    text = short_markup(tag) if column == "category" else markup(tag)
    product = shop.add(**{column: text})
    view = shop.see(path)
    view.require_no(tag)
    card = view.card(product)
    require_shown(view, text, spaced(card.get_text()), f"{column} on the card")
    if column == "name":
        for image in card.select("img[alt]"):
            require_shown(view, text, str(image["alt"]), "name in the alt text of the picture")
    if column == "category" and path == "/products":
        options = view.page.find('select[name="category"] option')
        values = [str(one.get("value", one.get_text())) for one in options]
        require_shown(view, text, values, "category in the select")


@pytest.mark.criterion("escape.product")
@pytest.mark.parametrize("column", ["name", "category", "description"])
def test_the_page_of_a_product(shop, draw, column):
    """Each column of a row; a description also where it has several lines."""
    tag = draw.word(5)
    text = short_markup(tag) if column == "category" else markup(tag)
    lines = f"{draw.sentence()}\n{text}" if column == "description" else text
    product = shop.add(**{column: lines})
    view = shop.see(f"/products/{product.id}")
    view.require_no(tag)
    require_shown(view, text, view.text, column)
    if column == "name":
        require_shown(view, text, view.page.title, "name in the <title>")


@pytest.mark.criterion("escape.search")
def test_the_search(shop, draw, spaced):
    """What was searched for, in the field and beside it."""
    tag = draw.word(5)
    shop.add()
    view = shop.see(f"/products?q={quote(markup(tag))}")
    view.require_no(tag)
    form = view.page.form(having=("q",))
    held = form.value("q")
    form.tag.extract()
    shown = spaced(view.page.soup.get_text())
    if tag not in held + shown:
        view.fail("The page does not show what was searched for.")
    if tag in held:  # whether it is there at all is up to search.form
        require_shown(view, markup(tag), held, "text in the field q")
    if tag in shown:
        require_shown(view, markup(tag), shown, "text that was searched for")


@pytest.mark.criterion("escape.search")
def test_other_parts_of_the_url(app, shop, draw):
    """A category that there is not, another parameter, and a path that leads nowhere."""
    for path in ("/products?category={}", "/products?sort={}", "/{}", "/products/{}"):
        tag = draw.word(5)
        reply = app.get(path.format(quote(markup(tag), safe="")))
        if reply.media_type == "text/html":
            view = type(shop.see("/about"))(reply.page(), "")
            view.require_no(tag)
