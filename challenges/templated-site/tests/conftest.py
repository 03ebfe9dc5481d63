"""What the tests of the shop share: rows in its table, and pages as a browser sees them.

Nothing that an app answers may crash a test, so every value is looked at before it is used.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote, urljoin, urlsplit

import pytest

COLUMNS = ("name", "category", "description", "price_cents", "added_on")
PREFIX = "X-Forwarded-Prefix"
REDIRECTS = (301, 302, 303, 307, 308)
PRODUCT = re.compile(r"/products/([0-9]{1,9})/?")
LOOPBACK = re.compile(r"localhost|127\.[0-9.]+|0\.0\.0\.0|::1|[^.:]+")
"""Names that lead to the app only from next to it: also one without a point, as of a container."""
INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u",
    "var",
}  # fmt: skip
"""Elements that stand within a line of text; all others begin and end one."""
UNSEEN = {"option", "textarea", "title", "script", "style", "template"}
"""Their text is none of the page's."""


def words(text):
    """`text` with single spaces, as a browser shows it."""
    return " ".join(text.split())


def divide(soup):
    """Put a space where a browser begins a new line: at both ends of what is not inline."""
    for tag in soup.find_all(name=True):
        if tag.name == "br":
            tag.insert_after(" ")
        elif tag.name not in INLINE | UNSEEN | {"pre"}:
            tag.insert(0, " ")
            tag.append(" ")


@dataclass(frozen=True)
class Product:
    """A row of the table."""

    id: int
    name: str
    category: str
    description: str
    price_cents: int
    added_on: date


@dataclass(frozen=True)
class Address:
    """Something that a page leads to."""

    raw: str
    """As it stands on the page."""
    path: str
    """With the query, and with the prefix."""
    own: bool
    """Whether it is on the site."""
    within: bool = False
    """Whether it is a place on the page itself, which no browser asks for again: `#main`."""
    astray: bool = False
    """Whether it is on the app by another name than the browser has asked for: localhost."""


class View:
    """A page, as a browser behind the proxy has it; `host` is the one that the browser asked."""

    def __init__(self, page, prefix="", host=""):
        self.page = page
        divide(page.soup)
        self.prefix = prefix
        self.host = host
        parts = urlsplit(page.url)
        path = page.url.split(parts.netloc, 1)[1]
        self.url = f"{parts.scheme}://{host or parts.netloc}{prefix}{path}"
        base = page.soup.find("base", href=True)
        self._base = self._joined(self.url, str(base["href"])) if base else self.url
        self.fail = page.fail
        self.name = page.reply.sent.path.partition("?")[0]

    def _joined(self, base, raw):
        try:
            return urljoin(base, raw.strip())
        except ValueError:
            self.page.fail(f"This is no address: {raw[:200]!r}.")

    def address(self, raw, base=""):
        """Where `raw` leads to; None where that is no page or file (mailto:, data:).

        `base` is the URL of the file that it stands in, where that is not the page.
        """
        joined = self._joined(base or self._base, raw)
        parts = urlsplit(joined)
        if parts.scheme not in {"http", "https"}:
            return None
        query = f"?{parts.query}" if parts.query else ""
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
        known = self.page.client.is_own(parts.netloc)
        own = parts.netloc == self.host if self.host else known
        return Address(
            raw, path + query, own,
            within="#" in raw and joined.partition("#")[0] == self.url,
            astray=not own and (known or bool(LOOPBACK.fullmatch(parts.hostname or ""))),
        )  # fmt: skip

    def url_of(self, address):
        """The URL of an `address` on the site, as the browser has it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{address.path}"

    def path_of(self, tag, attribute="href"):
        """The path, without query and slash at the end, that `tag` leads to; empty if nowhere."""
        found = self.address(str(tag.get(attribute, ""))) if tag.has_attr(attribute) else None
        if found is None or not (found.own or found.astray):
            return ""
        return found.path.partition("?")[0].rstrip("/") or "/"

    def lead(self, tag):
        """Where a link of the frame leads to: a place on the page by its name, all else by path."""
        raw = str(tag["href"]).strip()
        return raw if raw.startswith("#") else self.path_of(tag)

    @property
    def text(self):
        """What a reader sees, with single spaces."""
        body = self.page.soup.body or self.page.soup
        shown = (one for one in body.strings if one.parent.name not in UNSEEN)
        return words("".join(shown))

    @property
    def cards(self):
        """The elements of the class `card`, in the order of the page."""
        return self.page.find(".card")

    def id_of(self, card):
        """The id of the product that a card leads to; None where it leads to none."""
        paths = (self.path_of(link).removeprefix(self.prefix) for link in card.select("a[href]"))
        matches = (PRODUCT.fullmatch(path) for path in paths)
        return next((int(match[1]) for match in matches if match), None)

    @property
    def ids(self):
        """The ids of the products that have a card here, in the order of the page."""
        return [self.id_of(card) for card in self.cards]

    def card(self, product):
        """The card of a product; fails where there is none."""
        found = next((card for card in self.cards if self.id_of(card) == product.id), None)
        if found is None:
            self.fail(
                f"There is no card of the product {product.id} on {self.name}: an element of the "
                f'class "card" with a link to /products/{product.id}.'
            )
        return found

    def require(self, selector):
        """The first element that `selector` finds; fails where there is none."""
        found = self.page.soup.select_one(selector)
        if found is None:
            self.fail(f"The page at {self.name} has no <{selector}>.")
        return found

    @property
    def frame(self):
        """What is the same on every page: each part by its name."""
        header, footer = self.require("header"), self.require("footer")
        sheets = self.page.find("link[rel~=stylesheet]")
        return {
            "<header>": (
                words(header.get_text()),
                [self.lead(tag) for tag in header.select("a[href]")],
                [self.path_of(tag, "src") for tag in header.select("img[src]")],
            ),
            "<footer>": (
                words(footer.get_text()),
                [self.lead(tag) for tag in footer.select("a[href]")],
            ),
            "list of stylesheets": [self.path_of(tag) for tag in sheets],
        }

    def require_nav(self):
        """Fail unless the page has a navigation with its three links."""
        found = {self.path_of(link) for link in self.page.find("nav a[href]")}
        missing = next((path for path in ("/", "/products", "/about") if path not in found), None)
        if missing:
            self.fail(f"The <nav> of {self.name} has no link to {missing}.")

    def require_frame(self, other):
        """Fail unless header, footer and stylesheets are those of the page `other`."""
        mine = self.frame
        for part, value in other.frame.items():
            if mine[part] != value:
                self.fail(f"The {part} of {self.name} differs from that of {other.name}.")

    def require_no(self, tag):
        """Fail where the markup that `tag` marks has become a part of the page."""
        for found in self.page.soup.find_all(name=True):
            if any(name.startswith(f"data-{tag}") for name in found.attrs):
                self.fail(
                    f"Markup has become a part of {self.name}: there is an element "
                    f"<{found.name} data-{tag}> that came with the data."
                )


class Shop:
    """The app under examination with its table, which is empty when a test begins."""

    def __init__(self, app, db, draw):
        self.app = app
        self._db = db
        self._draw = draw
        self._host = f"{draw.word(6)}.example"
        db.write("DELETE FROM products")

    def add(self, **values):
        """A new row; what is not given is drawn."""
        return self.add_all([values])[0]

    def _filled(self, values):
        draw = self._draw
        return {
            "name": draw.sentence(),
            "category": draw.word(),
            "description": draw.sentence(),
            "price_cents": draw.integer(100, 99999),
            "added_on": date(draw.integer(2020, 2040), draw.integer(1, 12), draw.integer(1, 28)),
        } | values

    def add_all(self, rows):
        """New rows, all at once; what one does not give is drawn."""
        rows = [self._filled(row) for row in rows]
        places = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
        first = self._db.write(
            f"INSERT INTO products ({', '.join(COLUMNS)}) VALUES {places}",
            [row[name] for row in rows for name in COLUMNS],
        )
        return [Product(id=first + at, **row) for at, row in enumerate(rows)]

    def change(self, product, **values):
        """Other values for a row."""
        listed = ", ".join(f"{name} = %s" for name in values)
        self._db.write(
            f"UPDATE products SET {listed} WHERE id = %s", [*values.values(), product.id]
        )
        return replace(product, **values)

    def delete(self, product):
        """One row less."""
        self._db.write("DELETE FROM products WHERE id = %s", [product.id])

    def get(self, path, *, prefix=""):
        """The answer at `path`; with a prefix, as the proxy asks for it, and for its own host."""
        return self.app.get(path, headers={PREFIX: prefix, "Host": self._host} if prefix else {})

    def seen(self, reply, *, prefix=""):
        """The page that an answer holds."""
        return View(reply.page(), prefix, self._host if prefix else "")

    def see(self, path, *, prefix="", status=200):
        """The page at `path`, as the proxy asks for it."""
        return self.seen(self.get(path, prefix=prefix).expect(status), prefix=prefix)

    def pages(self, *, prefix=""):
        """A page of each kind."""
        product = self.add()
        found = quote(product.name.split()[0])
        for path in ("/", "/products", f"/products?q={found}", f"/products/{product.id}", "/about"):
            yield self.see(path, prefix=prefix)

    def all_pages(self, *, prefix=""):
        """The same, and the page for 404 where there is one."""
        yield from self.pages(prefix=prefix)
        reply = self.get(f"/{self._draw.word()}", prefix=prefix)
        if reply.media_type == "text/html":
            yield self.seen(reply, prefix=prefix)

    def framed_pages(self):
        """The same, the page for 404 only where it has the site's layout."""
        for view in self.all_pages():
            if view.page.reply.status == 200 or view.page.find("header"):
                yield view

    def require_way(self, view, address, where):
        """Fail where an `address` of `view` names another host, or leads out of the prefix."""
        if address is None or not (address.own or address.astray):
            return
        path, prefix = address.path, view.prefix
        if address.astray:
            view.fail(
                f"{address.raw[:200]!r} on {where} leads to another host than the browser's, "
                f"{view.host or 'localhost:5000'}. Leave the host out of addresses."
            )
        if prefix and path.partition("?")[0] != prefix and not path.startswith(f"{prefix}/"):
            view.fail(
                f"{address.raw[:200]!r} on {where} leads to {path[:200]}, out of the "
                f"prefix {prefix}. The request had the header {PREFIX}: {prefix}."
            )

    def follow(self, view, address, where=""):
        """What a browser gets at an `address` of `view`, through the proxy: redirects, too.

        `where` names the file that it stands in, where that is not the page.
        """
        where, prefix, reply = where or view.name, view.prefix, None
        for _ in range(4):
            self.require_way(view, address, where)
            target = address.path[len(prefix) :]
            reply = self.get(target if target.startswith("/") else f"/{target}", prefix=prefix)
            if reply.status not in REDIRECTS:
                break
            address = view.address(reply.headers.get("Location", ""), view.url_of(address))
            if address is None or not (address.own or address.astray):
                reply.fail("This redirects to another site.")
        if reply.status != 200:
            reply.fail(
                f"{address.raw[:200]!r} on {where} leads here, where the answer is {reply.status}."
            )
        return reply


@pytest.fixture
def shop(app, db, draw):
    """The shop with an empty table."""
    return Shop(app, db, draw)


@pytest.fixture
def prefix(draw):
    """The prefix that the proxy cuts off in this test."""
    return f"/{draw.word()}"


@pytest.fixture(scope="session")
def spaced():
    """A function that gives a text with single spaces, as a browser shows it."""
    return words
