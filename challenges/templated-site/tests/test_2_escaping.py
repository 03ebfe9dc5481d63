"""Markup in data is text: what came with a row or with the URL is never a part of the page."""

import re
from urllib.parse import quote

import pytest

LITERAL = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`""", re.DOTALL
)
"""A comment of JavaScript, or a string that ends as it began."""
FILLED = re.compile(r"\$\{.*?\}", re.DOTALL)
"""What a string in backticks evaluates."""


def elements(tag):
    """Markup that shows wherever it is not escaped: in a text, and in attributes of any quotes."""
    return f"{tag}\" data-{tag}=\"1 <i data-{tag}>b</i> data-{tag} 'data-{tag}' &amp;"


def closing(tag):
    """Markup that ends what a page puts data into."""
    return f"{tag}</script></title></style></textarea>--><i data-{tag}>"


def quoting(tag):
    """What ends a string of JavaScript, and what a string in backticks evaluates."""
    return f"{tag}'-{tag}-\"-{tag}-`${{{tag}}}&lt;\\"


MARKUP = (elements, closing, quoting)
SHORT = (
    lambda tag: f'{tag}" <i data-{tag}>b</i> data-{tag}',
    lambda tag: f"{tag}</script>--><i data-{tag}>",
    quoting,
)
"""The same for a column of 40 characters."""


def require_text(view, tag):
    """Fail where markup of `tag` is a part of the page, or runs in a script of it."""
    view.require_no(tag)
    for found in view.page.soup.find_all(name=True):
        codes = [found.get_text()] if found.name == "script" else []
        codes += [str(value) for name, value in found.attrs.items() if name.startswith("on")]
        links = [str(found.get(name, "")).strip() for name in ("href", "src", "action")]
        codes += [link for link in links if link.lower().startswith("javascript:")]
        for code in codes:
            if tag in LITERAL.sub(evaluated, code):
                view.fail(
                    f"Text has become a part of a script in <{found.name}> of {view.name}: a "
                    "quote, a backslash or ${…} in it ends the string that it stands in. Hand "
                    "values to scripts with the filter tojson."
                )


def evaluated(literal):
    """What of a literal of JavaScript is run."""
    return " ".join(FILLED.findall(literal[0])) if literal[0][0] == "`" else '""'


def require_shown(view, text, shown, what):
    """Fail unless `text` stands in `shown`."""
    if text not in shown:
        view.fail(f"The {what} should be shown just as it is, markup included: {text}")


def marked(draw):
    """Rows with markup of each kind in each column: the markup by column, and its tag."""
    for name, category in zip(MARKUP, SHORT, strict=True):
        tags = {one: draw.word(5) for one in ("name", "category", "description")}
        yield tags, {
            "name": name(tags["name"]), "category": category(tags["category"]),
            "description": name(tags["description"]),
        }  # fmt: skip


@pytest.mark.criterion("escape.cards")
def test_cards(shop, draw, spaced):
    """Each column of a row, on each page that has cards."""
    rows = list(marked(draw))
    products = shop.add_all([row for _, row in rows])
    text = quote(rows[0][0]["name"])
    for path in ("/", "/products", f"/products?q={text}"):
        view = shop.see(path)
        for tags, _ in rows:
            for tag in tags.values():
                require_text(view, tag)
        for product, (_, row) in zip(products, rows, strict=True):
            if product.id not in view.ids and path not in {"/", "/products"}:
                continue  # it is none of those that were searched for
            card = view.card(product)
            for column, value in row.items():
                require_shown(view, value, spaced(card.get_text()), f"{column} on the card")
            for image in card.select("img[alt]"):
                require_shown(view, row["name"], str(image["alt"]), "name in the alt text")
            if path == "/products":
                options = view.page.find('select[name="category"] option')
                values = [str(one.get("value", one.get_text())) for one in options]
                require_shown(view, row["category"], values, "category in the select")


@pytest.mark.criterion("escape.product")
def test_the_page_of_a_product(shop, draw):
    """Each column of a row; a description also where it has several lines."""
    for tags, row in marked(draw):
        lines = f"{draw.sentence()}\n{row['description']}"
        view = shop.see(f"/products/{shop.add(**row | {'description': lines}).id}")
        for tag in tags.values():
            require_text(view, tag)
        for column, value in row.items():
            require_shown(view, value, view.text, column)
        require_shown(view, row["name"], view.page.title, "name in the <title>")


@pytest.mark.criterion("escape.search")
@pytest.mark.parametrize("markup", MARKUP)
def test_the_search(shop, draw, spaced, markup):
    """What was searched for, in the field and next to it, whether it is found or not."""
    for found in (True, False):
        tag = draw.word(5)
        text = markup(tag)
        shop.add(description=text if found else draw.sentence())
        view = shop.see(f"/products?q={quote(text, safe='')}")
        require_text(view, tag)
        form = view.page.form(having=("q",))
        held = form.value("q")
        form.tag.extract()
        for card in view.cards:
            card.extract()
        shown = spaced(view.page.soup.get_text())
        if tag not in held + shown:
            view.fail("The page does not show what was searched for.")
        if tag in held:  # whether it is there at all is up to search.form
            require_shown(view, text, held, "text in the field q")
        if tag in shown:
            require_shown(view, text, shown, "text that was searched for")


@pytest.mark.criterion("escape.search")
def test_other_parts_of_the_url(app, shop, draw):
    """A category that there is not, another parameter, and a path that leads nowhere."""
    known = shop.add()
    for path in (
        "/products?category={}", "/products?sort={}", "/?q={}", "/about?q={}",
        f"/products/{known.id}?q={{}}", "/{}", "/products/{}", "/{}?q={}",
        f"/products/{known.id}{{}}",
    ):  # fmt: skip
        for markup in (*MARKUP, within_a_path):
            tag = draw.word(5)
            text = quote(markup(tag), safe="")
            reply = app.get(path.format(*[text] * path.count("{}")))
            if reply.media_type == "text/html":
                require_text(shop.seen(reply), tag)


def within_a_path(tag):
    """Markup without a slash, which would lead to another route."""
    return f"{tag}\"'><i data-{tag}>"
