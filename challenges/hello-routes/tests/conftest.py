"""What the tests of the hello app share: reading pages, following links, registering, notes.

Nothing that an app answers may crash a test, so every value is looked at before it is used.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

REDIRECTS = (301, 302, 303, 307, 308)
INTERNALS = (
    "Traceback (most recent call last)",
    "RuntimeError",
    "werkzeug.debug",
    "site-packages",
    'File "/',
)
LARGEST_ID = 2**63
"""Arithmetic on larger numbers could crash a test."""
READS = 8
"""Over so many new connections a note or user is read: of two processes one may not know it."""
NEW_CONNECTION = {"Connection": "close"}


def is_id(value):
    """Whether `value` is a JSON integer from 0; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST_ID


@dataclass(frozen=True)
class Page:
    """An answer, read as HTML."""

    reply: object
    soup: BeautifulSoup

    @property
    def text(self):
        """What a reader sees, with single spaces."""
        return squeezed(self.soup.get_text())

    @property
    def raw_text(self):
        """Its text with all of its spaces."""
        return self.soup.get_text().replace("\N{NO-BREAK SPACE}", " ")

    @property
    def leads_home(self):
        """Whether it has a link to the home page."""
        here = self.reply.sent.path
        links = (anchor["href"] for anchor in self.soup.find_all("a", href=True))
        return any(path_of(link, here) == "/" for link in links)

    @property
    def has_form(self):
        """Whether it has a form at all: which one has a criterion of its own."""
        return self.soup.find("form") is not None

    @property
    def form(self):
        """The form that registers a user; None where there is none."""
        for form in self.reply.page().forms:
            if form.method == "POST" and {"name", "about"} <= {*form.fields}:
                return form
        return None


def squeezed(text):
    """`text` with single spaces, as a browser shows it."""
    return " ".join(text.split())


def path_of(link, here="/"):
    """The path that a link of the page at `here` leads to; empty where it leads to no own path."""
    page = urljoin("http://app.invalid/", here)
    try:
        parts = urlsplit(urljoin(page, link))
    except ValueError:
        return ""
    own = parts.scheme == "http" and parts.netloc in OWN_HOSTS
    return (parts.path or "/") if own else ""


OWN_HOSTS = {"app.invalid", "localhost:5000"}
"""What stands for the app: where it has no host a link stays on it."""


class Site:
    """The app under examination, as the tests use it."""

    def __init__(self, app, draw, secrets, environment):
        self._app = app
        self._draw = draw
        self.token = {"Authorization": f"Bearer {secrets['API_TOKEN']}"}
        self.origin = environment["ALLOWED_ORIGIN"]

    def page(self, reply):
        """`reply` as a page; fails where it is no HTML."""
        if reply.media_type != "text/html":
            kind = reply.headers.get("Content-Type", "")
            reply.fail(f"The answer has to be a page (text/html); its Content-Type is {kind!r}.")
        return Page(reply, BeautifulSoup(reply.text, "html.parser"))

    def see(self, path):
        """The page at `path`, as a browser gets it: redirects on this site are followed."""
        reply = self._app.get(path)
        for _ in range(3):
            if reply.status not in REDIRECTS:
                break
            reply = self._app.get(self.place(reply))
        return self.page(reply.expect(200))

    def place(self, reply, host=""):
        """The path that the Location header of `reply`, asked for at `host`, leads to.

        Fails where it leaves the app.
        """
        location = reply.headers.get("Location", "")
        try:
            asked = f"http://{host or 'localhost:5000'}{reply.sent.path}"
            parts = urlsplit(urljoin(asked, location))
        except ValueError:
            parts = urlsplit("")
        own = parts.netloc == host if host else self._app.is_own(parts.netloc)
        if not location or parts.scheme != "http" or not own:
            reply.fail(
                "Location has to be a path of this site, or a URL with the host and port that were "
                f"asked for{f', here {host}' if host else ''}; it is {location[:200]!r}."
            )
        return parts.path or "/"

    def error(self, reply, status):
        """The object of a JSON error; its Content-Type has a criterion of its own."""
        said = reply.expect(status).json(dict, labelled=False)["error"]
        if not (isinstance(said, str) and said.strip()):
            reply.fail('An error of the API has a sentence under "error" that says what is wrong.')
        return said

    def error_page(self, reply, status):
        """A page of the app's own for an error: with a link to /."""
        page = self.page(reply.expect(status))
        if not page.leads_home:
            reply.fail(f'The page for {status} has to be your own, with a link: <a href="/">.')
        return page

    def username(self):
        """A name that nobody has registered."""
        return self._draw.word()

    def register(self, name, about=""):
        """Send the form; any redirect, or 2xx, will do as an answer."""
        reply = self._app.post("/users/new", data={"name": name, "about": about})
        if reply.status >= 400:
            what = f"a good name that is free and an about of {len(about)} characters"
            reply.fail(f"A form with {what} is valid, but it was answered with {reply.status}.")
        return reply

    def everywhere(self, path):
        """The answers to GET `path` over many connections at once: all processes have to agree.

        One after the other, the process that has just become free might take them all.
        """
        browsers = [self._app.session() for _ in range(READS)]
        with ThreadPoolExecutor(max_workers=READS) as pool:
            return list(pool.map(lambda one: one.get(path, headers=NEW_CONNECTION), browsers))

    def make_note(self, text=None):
        """Create a note; gives it. Any 2xx will do: the status has a criterion of its own."""
        text = text or self._draw.sentence()
        reply = self._app.post("/api/notes", json={"text": text}, headers=self.token)
        if not 200 <= reply.status < 300:
            reply.fail(f"This note is valid, but POST /api/notes answered {reply.status}.")
        note = reply.json(dict, labelled=False)
        if not is_id(note["id"]):
            reply.fail("The new note's id has to be a positive integer.")
        if note["text"] != text:
            reply.fail(f"The new note has another text than was sent, which was {text!r}.")
        return note

    def notes(self):
        """The notes that GET /api/notes answers with."""
        reply = self._app.get("/api/notes").expect(200)
        notes = reply.json(dict, labelled=False)["notes"]
        if not isinstance(notes, list) or not all(isinstance(one, dict) for one in notes):
            reply.fail("notes has to be a list of objects.")
        return list(notes)


@pytest.fixture
def site(app, draw, secrets, environment):
    """The app, its token and the origin that it allows."""
    return Site(app, draw, secrets, environment)


@pytest.fixture(scope="session")
def encoded():
    """A function that encodes a text for one part of a path."""
    return lambda text: quote(text, safe="")


@pytest.fixture(scope="session")
def internals():
    """A function that gives what of the app's insides an answer shows; None where nothing."""

    def check(text, *more):
        small = text.lower()
        return next((shown for shown in (*INTERNALS, *more) if shown.lower() in small), None)

    return check


@pytest.fixture(scope="session")
def listed():
    """A function that gives the names in a header like Allow or Vary, in small letters."""

    def read(reply, header):
        return {name.lower() for name in re.findall(r"[^\s,]+", reply.headers.get(header, ""))}

    return read
