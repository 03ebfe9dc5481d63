"""Layout, configuration, and addresses with and without a URL prefix."""

import re
from urllib.parse import quote

import pytest

EXTENDS = re.compile(r"\{%[-+]?\s*extends\s")
BLOCK = re.compile(r"\{%[-+]?\s*block\s")
LINKS = (("a", "href"), ("form", "action"))
FILES = {
    ("link[rel~=stylesheet]", "href"): ("text/css",),
    ("link[rel~=icon]", "href"): ("image/",),
    ("img", "src"): ("image/",),
    ("script", "src"): ("text/javascript", "application/javascript"),
}
"""What a page loads by itself, and how the Content-Type of that begins."""


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
@pytest.mark.parametrize("path", ["/", "/products", "/about"])
def test_the_current_page_is_marked(shop, path):
    """And no other."""
    view = shop.see(path)
    marked = [view.path_of(link) for link in view.page.find('nav a[aria-current="page"]')]
    if marked != [path]:
        view.fail(
            f'On {path} the link to it, and no other, has aria-current="page"; it is on the links '
            f"to {marked}."
        )


@pytest.mark.criterion("layout.not_found")
def test_404_has_the_layout(shop, draw):
    """An unknown path, an unknown product, and one that is no number."""
    home = shop.see("/")
    for path in (f"/{draw.word()}/{draw.word()}", "/products/2147483600", "/products/abc"):
        view = shop.see(path, status=404)
        view.require_frame(home)
        view.require_nav()


@pytest.mark.criterion("layout.cards")
def test_a_card_is_the_same_everywhere(shop, spaced):
    """Its elements, their classes, texts and addresses."""
    product = shop.add()

    def look(path):
        view = shop.see(path)
        card = view.card(product)
        parts = [(one.name, sorted(one.get("class", []))) for one in card.find_all(name=True)]
        sources = [view.path_of(one, "src") for one in card.select("img")]
        links = [view.path_of(one) for one in card.select("a")]
        return view, (parts, spaced(card.get_text()), sources, links)

    _, home = look("/")
    for path in ("/products", f"/products?q={quote(product.name)}"):
        view, listed = look(path)
        if listed != home:
            view.fail(f"The card of the product {product.id} looks otherwise on /.")


@pytest.mark.criterion("config.title")
def test_the_name_of_the_site(shop, environment, spaced):
    """In the header and the title of every page."""
    title = environment["SITE_TITLE"]
    for view in shop.pages():
        if title not in spaced(view.require("header").get_text()):
            view.fail(f"The <header> of {view.name} does not show SITE_TITLE, {title!r}.")
        if title not in spaced(view.page.title):
            view.fail(f"The <title> of {view.name} does not hold SITE_TITLE, {title!r}.")


@pytest.mark.criterion("config.values")
def test_the_currency(shop, environment):
    """Behind the price, wherever it is shown."""
    currency = environment["CURRENCY"]
    product = shop.add(price_cents=12345)
    for path in ("/", "/products", f"/products/{product.id}"):
        view = shop.see(path)
        if not re.search(rf"\d {currency}\b", view.text):
            view.fail(f"The price on {path} should end with a space and CURRENCY, {currency}.")


@pytest.mark.criterion("config.values")
def test_the_address_of_support(shop, environment, spaced):
    """A link in the footer of every page."""
    address = environment["SUPPORT_EMAIL"]
    for view in shop.pages():
        links = view.require("footer").select("a[href]")
        if not any(
            str(one["href"]).partition("?")[0].replace("%40", "@") == f"mailto:{address}"
            and address in spaced(one.get_text())
            for one in links
        ):
            view.fail(f"The <footer> has no link mailto:{address} that shows the address.")


def require_files(shop, view, own_addresses, seen):
    """Fail unless what the page loads is found, and is what it should be."""
    for pair, kinds in FILES.items():
        for address in own_addresses(view, [pair], everywhere=True):
            if not address.own:
                view.fail(f"{view.name} loads {address.raw[:200]} from another site.")
            if address.path in seen:
                continue
            seen.add(address.path)
            reply = shop.follow(view, address)
            if not reply.media_type.startswith(kinds):
                wanted = " or ".join(kinds)
                reply.fail(f"The Content-Type has to be {wanted}, not {reply.media_type!r}.")
            if not reply.body.strip():
                reply.fail("This file is empty.")


@pytest.mark.criterion("static.assets")
def test_files_are_found(shop, own_addresses):
    """Those of every page; there are a stylesheet and a logo at least."""
    seen = set()
    for view in shop.pages():
        for selector, what in (
            ("link[rel~=stylesheet][href]", "a stylesheet"),
            ("header img[src]", "a logo (<img>) in its <header>"),
        ):
            if not view.page.find(selector):
                view.fail(f"The page at {view.name} has to have {what}.")
    for view in shop.all_pages():
        require_files(shop, view, own_addresses, seen)


@pytest.mark.criterion("static.prefix")
def test_files_are_found_under_a_prefix(shop, own_addresses, prefix):
    """As the browser asks for them, through the proxy."""
    seen = set()
    for view in shop.all_pages(prefix=prefix):
        require_files(shop, view, own_addresses, seen)
    assert seen, "No page has a stylesheet or a picture, so nothing could be looked for."


@pytest.mark.criterion("links.prefix")
@pytest.mark.parametrize("mounted", [False, True], ids=["plain", "prefix"])
def test_links_lead_to_pages(shop, own_addresses, prefix, mounted):
    """Every link and every form of every page."""
    seen = set()
    for view in shop.all_pages(prefix=prefix if mounted else ""):
        for address in own_addresses(view, LINKS):
            if address.path not in seen:
                seen.add(address.path)
                shop.follow(view, address)
    assert seen, "No page has a link, so nothing could be followed."


@pytest.mark.criterion("links.query")
def test_a_category_of_any_name(shop, draw, spaced):
    """Signs that have a meaning in a URL."""
    category = f"{draw.word(6)} & co = #1 + 50%3F?"
    product, _other = shop.add(category=category), shop.add()
    view = shop.see("/products")
    links = view.card(product).select("a[href]")
    link = next((one for one in links if category in spaced(one.get_text())), None)
    if link is None:
        view.fail("The category on a card has to be a link.")
    address = view.address(str(link["href"]))
    if address is None or not address.own:
        view.fail("The link of a category leads away from the site.")
    found = type(view)(shop.follow(view, address).page(), "")
    if found.ids != [product.id]:
        found.fail(
            f"The link of the category {category!r} should list the product {product.id}; it "
            f"lists {found.ids}."
        )
