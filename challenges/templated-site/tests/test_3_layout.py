"""The layout of all pages, and the configuration that they show."""

import re
from urllib.parse import quote

import pytest

EXTENDS = re.compile(r"\{%[-+]?\s*extends\s")
BLOCK = re.compile(r"\{%[-+]?\s*block\s")


@pytest.mark.criterion("layout.inherit")
def test_templates_extend_a_common_one(submission):
    """A light look at the files: two templates extend, and fill a block."""
    texts = {path: submission.text(path) for path in submission.files() if path[-3:] != ".md"}
    extending = {path: text for path, text in texts.items() if EXTENDS.search(text)}
    count = sum(len(EXTENDS.findall(text)) for text in extending.values())
    assert count >= 2, (
        f"{count} of your templates extend another one ({{% extends %}}); at least two have to."
    )
    empty = next((path for path, text in extending.items() if not BLOCK.search(text)), None)
    assert empty is None, f"{empty} extends another template and fills no {{% block %}} of it."


@pytest.mark.criterion("layout.shared")
def test_the_frame_is_the_same(shop):
    """Header, footer and stylesheets of every page are those of the home page."""
    home, *others = shop.pages()
    if not home.page.find("link[rel~=stylesheet]"):
        home.fail('The page has no stylesheet: <link rel="stylesheet" href="…">.')
    for view in others:
        view.require_frame(home)


@pytest.mark.criterion("layout.nav")
def test_every_page_has_the_navigation(shop):
    """With its three links."""
    for view in shop.pages():
        view.require_nav()


@pytest.mark.criterion("layout.nav")
@pytest.mark.parametrize("mounted", [False, True], ids=["plain", "prefix"])
def test_the_current_page_is_marked(shop, prefix, mounted):
    """And no other, also under a prefix and after a search."""
    before = prefix if mounted else ""
    for path in ("/", "/products", "/about", "/products?q=x&category="):
        view = shop.see(path, prefix=before)
        wanted = path.partition("?")[0]
        found = [view.path_of(link) for link in view.page.find('nav a[aria-current="page"]')]
        marked = [one.removeprefix(before) or "/" for one in found]
        if marked != [wanted]:
            under = f", which a browser has under {prefix}," if mounted else ""
            view.fail(
                f'On {path}{under} the link to it, and no other, has aria-current="page"; it is on '
                f"the links to {marked}."
            )


@pytest.mark.criterion("layout.not_found")
def test_404_has_the_layout(shop, draw):
    """An unknown path, an unknown product, and one that is no number."""
    home, gone = shop.see("/"), shop.add()
    shop.delete(gone)
    for path in (
        f"/{draw.word()}/{draw.word()}", "/products/2147483600", "/products/abc",
        f"/products/{gone.id}", f"/products/{gone.id}/{draw.word()}", f"/about/{draw.word()}.html",
        f"/{draw.word()}?q={draw.word()}",
    ):  # fmt: skip
        view = shop.see(path, status=404)
        view.require_frame(home)
        view.require_nav()


@pytest.mark.criterion("layout.cards")
def test_a_card_is_the_same_everywhere(shop, draw, spaced):
    """Its elements, their classes, texts and addresses, whatever the product."""
    products = shop.add_all([
        {}, {"price_cents": 0}, {"description": f"{draw.text(90)} {draw.sentence()}"},
        {"description": f"{draw.sentence()}\n{draw.sentence()}", "price_cents": 123456789},
    ])  # fmt: skip

    def look(view, product):
        card = view.card(product)
        parts = [(one.name, sorted(one.get("class", []))) for one in card.find_all(name=True)]
        sources = [view.path_of(one, "src") for one in card.select("img")]
        links = [view.address(str(one["href"])) for one in card.select("a[href]")]
        paths = [link.path if link else "" for link in links]
        return parts, spaced(card.get_text()), sources, paths

    home = shop.see("/")
    found = f"/products?q={quote(products[0].name)}"
    for path, listed in (("/products", products), (found, products[:1])):
        view = shop.see(path)
        for product in listed:
            if look(view, product) != look(home, product):
                view.fail(f"The card of the product {product.id} looks otherwise on /.")


@pytest.mark.criterion("config.title")
def test_the_name_of_the_site(shop, environment, spaced):
    """In the header and the title of every page."""
    title = environment["SITE_TITLE"]
    for view in shop.framed_pages():
        if title not in spaced(view.require("header").get_text()):
            view.fail(f"The <header> of {view.name} does not show SITE_TITLE, {title!r}.")
        if title not in spaced(view.page.title):
            view.fail(f"The <title> of {view.name} does not hold SITE_TITLE, {title!r}.")


@pytest.mark.criterion("config.values")
def test_the_currency(shop, environment):
    """Behind the price, wherever it is shown."""
    currency = environment["CURRENCY"]
    product = shop.add(price_cents=12345)
    for path in ("/", "/products", f"/products?q={quote(product.name)}", f"/products/{product.id}"):
        view = shop.see(path)
        if not re.search(rf"\d {re.escape(currency)}(?!\w)", view.text):
            view.fail(f"The price on {path} should end with a space and CURRENCY, {currency}.")


@pytest.mark.criterion("config.values")
def test_the_address_of_support(shop, environment, spaced):
    """A link in the footer of every page."""
    address = environment["SUPPORT_EMAIL"]
    for view in shop.framed_pages():
        links = view.require("footer").select("a[href]")
        if not any(
            str(one["href"]).partition("?")[0].replace("%40", "@") == f"mailto:{address}"
            and address in spaced(one.get_text())
            for one in links
        ):
            view.fail(f"The <footer> has no link mailto:{address} that shows the address.")
