"""What the tests of the accounts share: people with browsers, and forms that they send.

Nothing that an app answers may crash a test, so every value is looked at before it is used. What
one criterion examines costs no other one: people are made and notes are saved by whatever the app
does, and only the criterion in question is strict about it.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from grader.exam.faults import NotReached

REDIRECTS = (302, 303)
NOTE = re.compile(r"/notes/([0-9]{1,20})")
ATTRIBUTE = "data-{}"


@dataclass(frozen=True)
class Person:
    """Somebody with an account, and a browser that keeps its cookies."""

    name: str
    password: str
    browser: Any


def target(reply):
    """The path that a redirect leads to; empty for any other answer and for another site."""
    path = reply.location.partition("?")[0].partition("#")[0]
    return path if reply.status in REDIRECTS and path.startswith("/") else ""


def expect_redirect(reply, path, what):
    """Fail unless `reply` redirects to `path`."""
    if target(reply) != path:
        reply.fail(f"{what} should redirect to {path} (302 or 303); this was {shown(reply)}.")
    return reply


def shown(reply):
    """Status and target of an answer, in words."""
    to = reply.headers.get("Location", "")
    return f"{reply.status} to {to[:100]!r}" if to else str(reply.status)


class Site:
    """The site under examination. No account's login is refused more than four times by a test."""

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

    @property
    def names(self):
        """The usernames of everybody who has registered and was not deleted, in any test."""
        return self._shared["names"]

    def cells(self):
        """Every row of every table as (table, {column: bytes}), texts and binary values only."""
        found = []
        for table in self._db.tables():
            for row in self._db.records(table):
                values = {
                    name: value if isinstance(value, bytes) else str(value).encode()
                    for name, value in row.items()
                    if isinstance(value, str | bytes)
                }
                found.append((table, values))
        return found

    def names_left(self):
        """The names that were registered and stand in the database.

        What has deleted another has a criterion of its own. All where none can be read there.
        """
        values = {value for _, row in self.cells() for value in row.values()}
        return [name for name in self.names if name.encode() in values] or list(self.names)

    def stored(self, text):
        """How many cells of the database hold exactly `text`."""
        raw = text.encode()
        return sum(value == raw for _, row in self.cells() for value in row.values())

    # -- forms -----------------------------------------------------------------------------

    def form(self, browser, path, action, fields):
        """The form on the page at `path` that is sent to `action` and has `fields`."""
        return browser.page(path).form(having=fields, action=action, method="POST")

    def registering(self, browser, name, password, extra=None):
        """The answer to the form of /register."""
        values = {"username": name, "password": password}
        form = self.form(browser, "/register", "/register", values)
        return form.submit(values, extra=extra)

    def logging_in(self, browser, name, password, extra=None, query=""):
        """The answer to the form of /login, sent with `query` behind its path."""
        values = {"username": name, "password": password}
        form = self.form(browser, "/login", "/login", values)
        return form.submit(values, extra=extra, to=f"/login?{query}" if query else None)

    def changing(self, person, current, new, extra=None):
        """The answer to the form for a new password."""
        values = {"current_password": current, "new_password": new}
        form = self.form(person.browser, "/account", "/account/password", values)
        return form.submit(values, extra=extra)

    def noting(self, person, text, extra=None):
        """The answer to the form for a note."""
        form = self.form(person.browser, "/account", "/notes", ("text",))
        return form.submit({"text": text}, extra=extra)

    def act(self, person, path, values=None):
        """The answer to a POST to `path` by `person`: of its form on /account, if there is one.

        Else with the hidden fields of another, so that it is not refused for a missing CSRF token.
        """
        page = person.browser.page("/account")
        forms = [one for one in page.forms if one.method == "POST"]
        own = next((found for one in forms if (found := one.sent_to(path))), None)
        if own is not None:
            return own.submit(extra=values, to=path)
        return self.send_hidden(person.browser, forms, path, values)

    def act_as_stranger(self, path, values=None):
        """The same, by a browser that is not signed in."""
        browser = self._app.session()
        forms = [one for one in browser.page("/login").forms if one.method == "POST"]
        return self.send_hidden(browser, forms, path, values)

    def send_hidden(self, browser, forms, path, values):
        """The answer to the first of `forms` with nothing in it but hidden fields and `values`."""
        hidden = {}
        for form in forms[:1]:
            kept = form.tag.select("input[type=hidden][name]")
            hidden = {str(tag["name"]): str(tag.get("value", "")) for tag in kept}
        page = forms[0].page.reply.sent.path if forms else "/"
        return browser.post(path, data=hidden | (values or {}), referer=page)

    # -- people ----------------------------------------------------------------------------

    def register(self, name=None, password=None, extra=None):
        """Somebody with a new account, not signed in."""
        person = Person(name or self.name(), password or self.password(), self._app.session())
        reply = self.registering(person.browser, person.name, person.password, extra)
        if reply.status >= 400:
            self._fail(reply, f"A valid registration should not answer {reply.status}.")
        if person.name not in self.names:
            self.names.append(person.name)
        return person

    def login(self, person, extra=None):
        """`person`, signed in with a new browser."""
        person = Person(person.name, person.password, self._app.session())
        reply = self.logging_in(person.browser, person.name, person.password, extra)
        if target(reply) != "/account":  # then it may still have worked
            inside = reply.status < 400 and person.browser.get("/account").status == 200
            if not inside:
                said = f"this was {shown(reply)}"
                self._fail(reply, f"A login with the right password should sign in; {said}.")
        return person

    def _fail(self, reply, message):
        """Fail for what everything rests on: by name where that has a criterion that is lost."""
        if self._shared["basics"] == "lost":
            msg = "It needs register.works, which did not hold."
            raise NotReached(msg)
        reply.fail(message)

    def member(self, **options):
        """Somebody with a new account who is signed in."""
        return self.login(self.register(**options))

    def known(self, who):
        """One of the people that several tests share: `ada`, `bob` or `admin`, signed in.

        For what does not wear them out: nobody's login is refused, no password changed.
        """
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
        reply = self.noting(person, text)
        if reply.status >= 400:
            reply.fail(f"A valid note should be saved, not answered with {reply.status}.")
        return self.path_of(person, reply, text), text

    def path_of(self, person, reply, text):
        """The path of the note `text` that `reply` has saved, wherever the app says it."""
        if NOTE.fullmatch(target(reply)):
            return target(reply)
        for number in self._numbers(text):
            path = f"/notes/{number}"
            seen = person.browser.get(path)
            if seen.status == 200 and text in seen.page().text:
                return path
        return reply.fail(
            f"A new note should redirect to /notes/{{id}}; this was {shown(reply)}, and no note "
            "with its text is found."
        )

    def _numbers(self, text):
        """The numbers in the rows that hold `text`."""
        rows = [row for table in self._db.tables() for row in self._db.records(table)]
        found = [row for row in rows if text in row.values()]
        return [one for row in found[-3:] for one in row.values() if type(one) is int][:12]


@pytest.fixture(scope="session")
def shared(secrets):
    """What one test leaves for the next."""
    return {"secrets": secrets, "names": [], "basics": ""}


@pytest.fixture
def site(app, db, draw, shared):
    """The site, with people and forms."""
    return Site(app, db, draw, shared)


@pytest.fixture(scope="session")
def redirects_to():
    """`expect_redirect` of this module."""
    return expect_redirect


@pytest.fixture(scope="session")
def has_name():
    """A function that says whether a page shows a username, whole."""

    def check(page, name):
        text = " ".join(page.soup.stripped_strings)
        return bool(re.search(rf"(?<![a-z0-9_]){re.escape(name)}(?![a-z0-9_])", text))

    return check


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


@pytest.fixture(scope="session")
def is_refused():
    """A function that fails unless a login was refused with 401, and has signed nobody in."""

    def check(reply, browser, what):
        if reply.status != 401:
            reply.fail(f"A login with {what} should be refused with 401, not {reply.status}.")
        if browser.get("/account").status == 200:
            reply.fail(f"A login with {what} was answered with 401, and has signed in.")

    return check


@pytest.fixture(scope="session")
def require_no_element():
    """A function that fails where the markup that `tag` marks has become a part of a page."""

    def check(page, tag, what):
        for found in page.soup.find_all(name=True):
            inside = found.name == "script" and tag in found.get_text()
            if inside or any(name.startswith(ATTRIBUTE.format(tag)) for name in found.attrs):
                page.fail(
                    f"Markup in {what} has become a part of {page.name}: whoever writes it runs "
                    "scripts in the browsers of others. Escape what users have entered."
                )

    return check
