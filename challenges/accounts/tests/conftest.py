"""What the tests of the accounts share: people with browsers, and forms that they send.

Nothing that an app answers may crash a test, so every value is looked at before it is used.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

REDIRECTS = (302, 303)


@dataclass(frozen=True)
class Person:
    """Somebody with an account, and a browser that keeps its cookies."""

    name: str
    password: str
    browser: Any


def target(reply):
    """The path that a redirect leads to; empty for any other answer."""
    return urlsplit(reply.headers.get("Location", "")).path if reply.status in REDIRECTS else ""


def expect_redirect(reply, path, what):
    """Fail unless `reply` redirects to `path`."""
    if target(reply) != path:
        reply.fail(f"{what} should redirect to {path} (302 or 303); this was {shown(reply)}.")
    return reply


def shown(reply):
    """Status and target of an answer, in words."""
    to = reply.headers.get("Location", "")
    return f"{reply.status} to {to[:100]!r}" if to else str(reply.status)


def send(form, values, extra=None, to=None):
    """Send `form` with `values`; `extra` are fields that it does not have, `to` another path.

    Hidden fields go along, so that an action is not refused for a missing CSRF token.
    """
    for name in values:
        form.value(name)  # fails where there is no such field
    fields = {name: form.value(name) for name in form.fields} | values | (extra or {})
    return form.page.client.post(to or form.action, data=fields)


class Site:
    """The site under examination."""

    def __init__(self, app, db, draw, shared):
        self._app = app
        self._db = db
        self._draw = draw
        self._shared = shared

    # -- data ------------------------------------------------------------------------------

    def name(self):
        """A username that nobody has."""
        return f"{self._draw.word(8)}_{self._draw.integer(10**6, 10**7 - 1)}"

    def password(self):
        """A password that nobody has; letters and digits, so that it looks the same in any log."""
        return f"{self._draw.word(10)}{self._draw.integer(10**6, 10**7 - 1)}"

    def admin_name(self):
        """ADMIN_USERNAME of this run: challenge.yml makes it of the name of MySQL's user."""
        return f"chief_{self._db.account}"

    # -- people ----------------------------------------------------------------------------

    def registering(self, browser, name, password, extra=None):
        """The answer to the form of /register."""
        values = {"username": name, "password": password}
        return send(browser.page("/register").form(having=values), values, extra)

    def logging_in(self, browser, name, password):
        """The answer to the form of /login."""
        values = {"username": name, "password": password}
        return send(browser.page("/login").form(having=values), values)

    def register(self, name=None, password=None, extra=None):
        """Somebody with a new account, not signed in."""
        person = Person(name or self.name(), password or self.password(), self._app.session())
        reply = self.registering(person.browser, person.name, person.password, extra)
        expect_redirect(reply, "/login", "A valid registration")
        return person

    def login(self, person):
        """`person`, signed in with a new browser."""
        person = Person(person.name, person.password, self._app.session())
        reply = self.logging_in(person.browser, person.name, person.password)
        expect_redirect(reply, "/account", "A login with the right password")
        return person

    def member(self, **options):
        """Somebody with a new account who is signed in."""
        return self.login(self.register(**options))

    def known(self, who):
        """One of the people that several tests share: `ada`, `bob` or `admin`, signed in."""
        if who not in self._shared:
            if who == "admin":
                password = self._shared["secrets"]["ADMIN_PASSWORD"]
                self._shared[who] = self.login(Person(self.admin_name(), password, None))
            else:
                self._shared[who] = self.member()
        return self._shared[who]

    # -- notes -----------------------------------------------------------------------------

    def note(self, person, text=None):
        """The path of a new note of `person`, and its text."""
        text = text or self._draw.sentence()
        form = person.browser.page("/account").form(having=("text",))
        reply = send(form, {"text": text})
        path = target(reply)
        if not path.startswith("/notes/"):
            reply.fail(f"A new note should redirect to /notes/{{id}}; this was {shown(reply)}.")
        return path, text

    def act(self, person, path, values=None):
        """The answer to a POST to `path`, with the CSRF token of a form that `person` may send."""
        page = person.browser.page("/account")
        form = page.form('form[action$="/logout"]')
        return send(form, {}, values, to=path)


@pytest.fixture(scope="session")
def shared(secrets):
    """What one test leaves for the next."""
    return {"secrets": secrets}


@pytest.fixture
def site(app, db, draw, shared):
    """The site, with people and forms."""
    return Site(app, db, draw, shared)


@pytest.fixture(scope="session")
def redirects_to():
    """`expect_redirect` of this module."""
    return expect_redirect


@pytest.fixture(scope="session")
def submit():
    """`send` of this module."""
    return send


@pytest.fixture(scope="session")
def signed_in():
    """A function that says whether GET /account answers a browser with 200 and the name."""

    def check(browser, name, headers=None):
        reply = browser.get("/account", headers=headers)
        return reply.status == 200 and name in reply.text

    return check


@pytest.fixture(scope="session")
def refused():
    """A function that fails where a stranger is let in: only /login or a 4xx will do."""

    def check(reply, what):
        if target(reply) != "/login" and not 400 <= reply.status < 500:
            reply.fail(f"Without a session {what} should lead to /login; this was {shown(reply)}.")

    return check
