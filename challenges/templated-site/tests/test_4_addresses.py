"""Addresses: files that pages load, and links, with and without a URL prefix."""

import re

import pytest

LINKS = (
    ("a", "href"), ("area", "href"), ("form", "action"), ("button", "formaction"),
    ("input", "formaction"),
)  # fmt: skip
NAMED = (
    ("link[rel~=canonical]", "href"), ("link[rel~=alternate]", "href"), ("link[rel~=next]", "href"),
    ("link[rel~=prev]", "href"), ('meta[property="og:url"]', "content"),
    ('meta[property="og:image"]', "content"), ('meta[name="twitter:image"]', "content"),
)  # fmt: skip
"""What a page tells search engines and other sites; nobody follows it on the page."""
WAYS = 40
"""Links of one page that are followed; more say nothing more."""
STYLE, SCRIPT, IMAGE = ("text/css",), ("text/javascript", "application/javascript"), ("image/",)
ANY = ("",)
"""How a Content-Type begins."""
FILES = {
    ("link[rel~=stylesheet]", "href"): STYLE, ("link[rel~=icon]", "href"): IMAGE,
    ("link[rel~=apple-touch-icon]", "href"): IMAGE, ("link[rel~=mask-icon]", "href"): IMAGE,
    ("link[rel~=preload]", "href"): ANY, ("link[rel~=prefetch]", "href"): ANY,
    ("link[rel~=modulepreload]", "href"): SCRIPT, ("link[rel~=manifest]", "href"): ANY,
    ("img", "src"): IMAGE, ("input[type=image]", "src"): IMAGE, ("picture source", "src"): IMAGE,
    ("video", "poster"): IMAGE, ("video", "src"): ANY, ("audio", "src"): ANY, ("embed", "src"): ANY,
    ("object", "data"): ANY, ("iframe", "src"): ANY, ("track", "src"): ANY,
    ("script", "src"): SCRIPT, ("svg image", "href"): IMAGE, ("svg use", "href"): IMAGE,
    ("svg image", "xlink:href"): IMAGE, ("svg use", "xlink:href"): IMAGE,
}  # fmt: skip
"""What a page loads by itself, and how the Content-Type of that begins."""
CANDIDATE = re.compile(r"[\s,]*(\S*[^\s,])(?:\s[^,]*)?,?")
"""One of the addresses in a srcset."""
COMMENT = re.compile(r"/\*.*?\*/|@namespace[^;]*;", re.DOTALL)
IMPORT = re.compile(r"""@import\s+(?:url\()?\s*["']?([^"')\s;]+)""", re.IGNORECASE)
URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)""", re.IGNORECASE)


def styled(css):
    """What a stylesheet loads: each address as it stands there, with the types that fit."""
    text = COMMENT.sub(" ", css)
    yield from ((raw, STYLE) for raw in IMPORT.findall(text))
    for found in URL.findall(IMPORT.sub(" ", text)):
        raw = "".join(found)
        if raw and not raw.startswith("#"):
            yield raw, ANY


def loaded(view):
    """What a page loads by itself: each address as it stands there, with the types that fit."""
    for (selector, attribute), kinds in FILES.items():
        name = attribute.replace(":", r"\:")
        for tag in view.page.find(f"{selector}[{name}]"):
            yield str(tag[attribute]), kinds
    for tag in view.page.find("img[srcset], picture source[srcset], link[imagesrcset]"):
        listed = str(tag.get("srcset", tag.get("imagesrcset")))
        yield from ((raw, IMAGE) for raw in CANDIDATE.findall(listed))
    for tag in view.page.find("style"):
        yield from styled(tag.get_text())
    for tag in view.page.find("[style]"):
        yield from styled(str(tag["style"]))


def require_files(shop, view, seen):
    """Fail unless what the page loads is found, and is what it should be."""
    waiting = [(raw, kinds, view.url, view.name) for raw, kinds in loaded(view)]
    while waiting:
        raw, kinds, base, where = waiting.pop(0)
        address = view.address(raw, "" if base == view.url else base)
        if address is None or address.within or address.path in seen:
            continue
        if not address.own and not address.astray:
            view.fail(f"{where} loads {raw[:200]} from another site.")
        seen.add(address.path)
        reply = shop.follow(view, address, where)
        if not reply.media_type.startswith(kinds):
            wanted = " or ".join(kinds)
            reply.fail(f"The Content-Type has to be {wanted}, not {reply.media_type!r}.")
        if not reply.body.strip():
            reply.fail("This file is empty.")
        if reply.media_type == "text/css":
            path, url = address.path.partition("?")[0], view.url_of(address)
            waiting += [(raw, kinds, url, path) for raw, kinds in styled(reply.text)]


@pytest.mark.criterion("static.assets")
def test_files_are_found(shop):
    """Those of every page; there are a stylesheet and a logo at least."""
    seen = set()
    for view in shop.all_pages():
        for selector, what in (
            ("link[rel~=stylesheet][href]", "a stylesheet"),
            ("header img[src]", "a logo (<img>) in its <header>"),
        ):
            if view.page.reply.status == 200 and not view.page.find(selector):
                view.fail(f"The page at {view.name} has to have {what}.")
        require_files(shop, view, seen)


@pytest.mark.criterion("static.prefix")
def test_files_are_found_under_a_prefix(shop, prefix):
    """As the browser asks for them, through the proxy."""
    seen = set()
    for view in shop.all_pages(prefix=prefix):
        require_files(shop, view, seen)
    assert seen, "No page has a stylesheet or a picture, so nothing could be looked for."


def links(view):
    """Where the links and forms of a page lead to, each once."""
    found = {}
    for selector, attribute in LINKS:
        for tag in view.page.find(f"{selector}[{attribute}]"):
            address = view.address(str(tag[attribute]))
            if address and not address.within and (address.own or address.astray):
                found.setdefault(address.path, address)
    return list(found.values())[:WAYS]


def named(view):
    """Addresses that a page tells search engines; there may be no page at them, as for a 404."""
    for selector, attribute in NAMED:
        for tag in view.page.find(f"{selector}[{attribute}]"):
            yield view.address(str(tag[attribute]))


@pytest.mark.criterion("links.prefix")
@pytest.mark.parametrize("mounted", [False, True], ids=["plain", "prefix"])
def test_links_lead_to_pages(shop, prefix, mounted):
    """Every link and every form of every page."""
    seen = set()
    for view in shop.all_pages(prefix=prefix if mounted else ""):
        for address in links(view):
            if address.path not in seen:
                seen.add(address.path)
                shop.follow(view, address)
        for address in named(view):
            shop.require_way(view, address, view.name)
    assert seen, "No page has a link, so nothing could be followed."


@pytest.mark.criterion("links.query")
def test_a_category_of_any_name(shop, draw, spaced):
    """Signs that have a meaning in a URL, and letters beyond ASCII."""
    for category in (
        f"{draw.word(6)} & co = #1 + 50%3F?",
        f"{draw.word(5)}/Ärzte; \"日本\" 'ü' a+b",
    ):
        product, _other = shop.add(category=category), shop.add()
        view = shop.see("/products")
        found = view.card(product).select("a[href]")
        link = next((one for one in found if category in spaced(one.get_text())), None)
        if link is None:
            view.fail("The category on a card has to be a link.")
        address = view.address(str(link["href"]))
        if address is None or not (address.own or address.astray):
            view.fail("The link of a category leads away from the site.")
        listed = shop.seen(shop.follow(view, address))
        if listed.ids != [product.id]:
            listed.fail(
                f"The link of the category {category!r} should list the product {product.id}; "
                f"it lists {listed.ids}."
            )
