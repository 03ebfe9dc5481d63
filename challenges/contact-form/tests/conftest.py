"""What the tests of the contact form share: visitors, the clerk, and messages that they send.

Nothing that an app answers may crash a test, so every value is looked at before it is used. What
one criterion examines costs no other one: messages are sent by whatever the app does, and only the
criterion in question is strict about it.
"""

import re
from urllib.parse import parse_qsl, quote, unquote

import pytest

from grader.exam.faults import NotReached

REDIRECTS = (302, 303)
FIELDS = ("name", "email", "subject", "message", "consent")
MESSAGE = re.compile(r"/messages/([0-9]{1,20})")
SPACE = re.compile(r"\s+")


def shown(reply):
    """Status and target of an answer, in words."""
    to = reply.headers.get("Location", "")
    return f"{reply.status} to {to[:100]!r}" if to else str(reply.status)


def target(reply):
    """The path that a redirect leads to; empty for any other answer and for another site."""
    path = reply.location.partition("?")[0].partition("#")[0]
    return path if reply.status in REDIRECTS and path.startswith("/") else ""


def same_address(one, other):
    """Whether two paths with their queries say the same, in whatever encoding."""
    left, right = (text.removesuffix("?").partition("?") for text in (one, other))
    queries = [parse_qsl(text[2], keep_blank_values=True) for text in (left, right)]
    return unquote(left[0]) == unquote(right[0]) and queries[0] == queries[1]


def alike(one, other):
    """Whether two texts are the same, with line ends of either kind."""
    return one.replace("\r\n", "\n") == other.replace("\r\n", "\n")


class Site:
    """The site under examination."""

    def __init__(self, app, db, draw, environment, shared):
        self._app = app
        self._db = db
        self._draw = draw
        self._shared = shared
        self.subjects = environment["SUBJECTS"].split("|")
        self.username = environment["CLERK_USERNAME"]
        self.password = shared["secrets"]["CLERK_PASSWORD"]

    # -- messages --------------------------------------------------------------------------

    def valid(self, **changed):
        """What a visitor enters, all of it right, with `changed` in the place of it."""
        values = {
            "name": f"{self._draw.word(7).title()} {self._draw.word(9).title()}",
            "email": f"{self._draw.word(12)}@{self._draw.word(6)}.example.org",
            "subject": self._draw.choice(self.subjects),
            "message": f"{self._draw.sentence()} {self._draw.word(14)}",
            "consent": True,
        }
        return values | changed

    def form(self, browser, path="/contact", action="/contact", having=FIELDS):
        """The form on the page at `path` that is sent to `action`."""
        return browser.page(path).form(having=having, action=action, method="POST")

    def send(self, browser, values, extra=None):
        """The answer to the form of /contact."""
        return self.form(browser).submit(values, extra=extra)

    def forged(self, browser, values):
        """The answer to the form with any `values`, also those that no browser sends."""
        fields = {name: values.get(name) for name in FIELDS}
        for name in ("consent",):
            if fields[name] is True:
                fields[name] = "yes"
        sent = {name: value for name, value in fields.items() if value not in (None, False)}
        form = self.form(browser)
        return form.submit(dict.fromkeys(FIELDS), extra=sent)

    def sent(self, browser=None, **changed):
        """The values of a message that was sent by the form, and the answer."""
        values = self.valid(**changed)
        reply = self.send(browser or self._app.session(), values)
        if reply.status >= 400:
            reply.fail(f"A valid message should be taken, not answered with {reply.status}.")
        return values, reply

    def is_stored(self, text):
        """Whether a column of the database holds exactly `text`, with line ends of either kind."""
        ways = {text, text.replace("\r\n", "\n"), re.sub(r"\r?\n", "\r\n", text)}
        return any(self._db.find(one) for one in ways)

    # -- the clerk -------------------------------------------------------------------------

    def sign_in(self, browser, username=None, password=None, query="", extra=None):
        """The answer to the form of /login, opened with `query`."""
        page = f"/login?{query}" if query else "/login"
        values = {
            "username": self.username if username is None else username,
            "password": self.password if password is None else password,
        }
        form = self.form(browser, page, "/login", ("username", "password"))
        return form.submit(values, extra=extra)

    def clerk(self):
        """A browser that the clerk has just signed in with."""
        browser = self._app.session()
        reply = self.sign_in(browser)
        if reply.status >= 400 or browser.get("/messages").status != 200:
            if self._shared["login"] == "lost":
                msg = "It needs login.works, which did not hold."
                raise NotReached(msg)
            reply.fail("A login with the right name and password should lead to /messages.")
        return browser

    def is_clerk(self, browser):
        """Whether a browser is let in."""
        return browser.get("/messages").status == 200

    def numbers(self, browser):
        """The ids that /messages links to, in the order of the page, each once."""
        page = browser.page("/messages")
        paths = [page.path_of(str(tag["href"])) or "" for tag in page.find("a[href]")]
        found = [MESSAGE.fullmatch(path.partition("?")[0]) for path in paths]
        return list(dict.fromkeys(int(one[1]) for one in found if one))

    def path_of(self, clerk, values):
        """The path of the message that was sent with `values`: the newest one that shows it."""
        for number in sorted(self.numbers(clerk), reverse=True)[:60]:
            reply = clerk.get(f"/messages/{number}")
            if reply.status == 200 and values["email"] in reply.page().text:
                return f"/messages/{number}"
        return clerk.get("/messages").fail(
            "/messages should link to the message that was just sent, as /messages/{id}; no page "
            "that it links to shows its address."
        )

    def deleting(self, clerk, path, values=None, extra=None):
        """The answer to the form that deletes the message at `path`."""
        form = self.form(clerk, path, f"{path}/delete", ())
        return form.submit(values, extra=extra)

    # -- what else a browser does ----------------------------------------------------------

    def choose(self, browser, theme, page="/contact", extra=None):
        """The answer to the form for the theme, on the page at `page`."""
        form = self.form(browser, page, "/theme", ())
        return self.with_theme(form, theme, extra)

    def with_theme(self, form, theme, extra=None):
        """The answer to a form for the theme: of a field, or of two buttons."""
        if "theme" in form.fields:
            return form.submit({"theme": theme}, extra=extra)
        return form.submit(button=theme, extra=extra)

    def post(self, browser, path, values, page="/contact", headers=None):
        """The answer to a POST that no form makes, with the token of the page at `page`."""
        token = self.token(browser, page)
        page = "" if "Referer" in (headers or {}) else page
        return browser.post(
            path, data={"csrf_token": token, **values}, referer=page, headers=headers
        )

    def token(self, browser, page="/contact"):
        """A token that the browser is given on a page."""
        forms = [one for one in browser.page(page).forms if one.method == "POST"]
        tokens = [one.value("csrf_token") for one in forms if "csrf_token" in one.fields]
        return next((one for one in tokens if one), "")


@pytest.fixture(scope="session")
def shared(secrets):
    """What one test leaves for the next."""
    return {"secrets": secrets, "login": ""}


@pytest.fixture
def site(app, db, draw, environment, shared):
    """The site, with visitors and the clerk."""
    return Site(app, db, draw, environment, shared)


@pytest.fixture(scope="session")
def redirects_to():
    """A function that fails unless an answer redirects to a path."""

    def check(reply, path, what):
        if target(reply) != path:
            reply.fail(f"{what} should redirect to {path} (302 or 303); this was {shown(reply)}.")
        return reply

    return check


@pytest.fixture(scope="session")
def address_of():
    """Whether two addresses are the same."""
    return same_address


@pytest.fixture(scope="session")
def same_text():
    """Whether two texts are the same, with line ends of either kind."""
    return alike


@pytest.fixture(scope="session")
def news():
    """A function that gives what the elements with role="status" of a page say, together."""

    def said(page):
        texts = [tag.get_text(" ") for tag in page.find("[role=status]")]
        return SPACE.sub(" ", " ".join(texts)).strip()

    return said


@pytest.fixture(scope="session")
def is_away():
    """A function that says whether a redirect leads to another site, or to none at all."""

    def check(reply):
        return reply.status in REDIRECTS and not (
            reply.location.startswith("/") and not re.match(r"/[/\\]", reply.location)
        )

    return check


@pytest.fixture(scope="session")
def query_with():
    """A function that gives the query that has `next` in it."""
    return lambda value: f"next={quote(value, safe='')}"


@pytest.fixture(scope="session")
def no_element():
    """A function that fails where the markup that `tag` marks has become a part of a page."""

    def check(page, tag, what):
        for found in page.soup.find_all(name=True):
            inside = found.name == "script" and tag in found.get_text()
            if inside or any(name.startswith(f"data-{tag}") for name in found.attrs):
                page.fail(
                    f"Markup in {what} has become a part of {page.name}: whoever writes it runs "
                    "scripts in the browsers of others. Escape what was entered."
                )

    return check
