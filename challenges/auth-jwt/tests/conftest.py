"""What the tests share: people, their sessions, and requests with tokens.

Nothing that an app answers may crash a test, so every value is looked at before it is used. What
one criterion examines costs no other one: sessions are ended with people of their own.
"""

import time
from dataclasses import dataclass, replace
from urllib.parse import quote

import jwts
import pytest

from grader.exam.faults import NotReached

TOKENS = ("access_token", "refresh_token")
FRESH = 0.5
"""The part of a refresh token's time after which people that tests share log in again."""
REFUSED = range(400, 500)
LATE = 0.8
"""The part of it after which nothing is asked of one that should still be exchanged."""
NOWHERE = "999999999"
"""The id of nothing."""


@dataclass(frozen=True)
class Person:
    """Somebody with an account, and the tokens of one session."""

    name: str
    password: str
    id: object = None
    access: str = ""
    refresh: str = ""
    since: float = 0.0
    """When the refresh token was asked for, by `time.monotonic`."""

    @property
    def age(self):
        """Seconds since then."""
        return time.monotonic() - self.since


class Site:
    """The API under examination."""

    def __init__(self, app, draw, secrets, environment, shared):
        self._app, self._draw, self._shared = app, draw, shared
        self._secrets = secrets
        self.key = secrets["JWT_SECRET"]
        self.issuer, self.audience = environment["JWT_ISSUER"], environment["JWT_AUDIENCE"]
        self.access_seconds = int(environment["ACCESS_SECONDS"])
        self.refresh_seconds = int(environment["REFRESH_SECONDS"])
        self.admin_name = environment["ADMIN_USERNAME"]

    # -- data ------------------------------------------------------------------------------

    def name(self):
        """A username that nobody has."""
        return f"{self._draw.word(8)}_{self._draw.integer(10**6, 10**7 - 1)}"

    def password(self):
        """A password that nobody has."""
        return f"{self._draw.word(9).capitalize()}-{self._draw.integer(10**6, 10**7 - 1)}"

    def title(self):
        """A title that nothing has."""
        return self._draw.sentence()

    # -- requests --------------------------------------------------------------------------

    def call(self, method, path, token=None, **options):
        """The answer to a request with an access token, where one is given."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= options.pop("headers", {})
        return self._app.request(method, path, headers=headers, **options)

    def me(self, token, **options):
        """The answer to GET /me."""
        return self.call("GET", "/me", token, **options)

    def registering(self, name, password, **more):
        """The answer to POST /register."""
        return self._app.post("/register", json={"username": name, "password": password} | more)

    def logging_in(self, name, password, **more):
        """The answer to POST /login."""
        return self._app.post("/login", json={"username": name, "password": password} | more)

    def refreshing(self, token):
        """The answer to POST /refresh."""
        return self._app.post("/refresh", json={"refresh_token": token})

    def logging_out(self, person):
        """The answer to POST /logout."""
        return self.call("POST", "/logout", person.access)

    def changing_role(self, admin, person, role):
        """The answer to PUT /users/{id}/role."""
        return self.call("PUT", self.of_user(person, "role"), admin.access, json={"role": role})

    def of_user(self, person, what):
        """The path of a user's role, or of what ends the user's sessions."""
        return f"/users/{quote(str(person.id), safe='')}/{what}"

    def routes(self, person, article=NOWHERE):
        """Every route for those who are signed in, with a body where it takes one."""
        user = quote(str(person.id), safe="")
        title = {"title": self.title()}
        return (
            ("GET", "/me", None), ("GET", "/articles", None), ("POST", "/articles", title),
            ("PUT", f"/articles/{article}", title), ("DELETE", f"/articles/{article}", None),
            ("GET", "/users", None), ("PUT", f"/users/{user}/role", {"role": "editor"}),
            ("POST", f"/users/{user}/revoke", None), ("POST", "/logout", None),
        )  # fmt: skip

    # -- people ----------------------------------------------------------------------------

    def register(self, **more):
        """Somebody with a new account, not signed in."""
        person = Person(self.name(), self.password())
        reply = self.registering(person.name, person.password, **more)
        if not 200 <= reply.status < 300:
            reply.fail(f"A valid registration should answer 201, not {reply.status}.")
        return replace(person, id=self.id_of(reply))

    def id_of(self, reply):
        """The id that stands in an answer; a whole number or a text."""
        found = reply.json(dict).get("id")
        if isinstance(found, bool) or not isinstance(found, int | str) or found == "":
            reply.fail("The answer should have an id, a whole number or a text.")
        return found

    def login(self, person):
        """The same person, with a new session."""
        since = time.monotonic()
        reply = self.logging_in(person.name, person.password)
        if not 200 <= reply.status < 300:
            reply.fail(f"A login with the right password should answer 200, not {reply.status}.")
        return self.with_tokens(person, reply, since)

    def with_tokens(self, person, reply, since):
        """The same person, with the tokens of an answer."""
        access, refresh = (reply.json(dict).get(name) for name in TOKENS)
        if not isinstance(access, str) or not access:
            reply.fail("The answer should have a text called access_token.")
        refresh = refresh if isinstance(refresh, str) else ""
        return replace(person, access=access, refresh=refresh, since=since)

    def refresh(self, person):
        """The same person, with the next tokens of the session."""
        since = time.monotonic()
        reply = self.refreshing(person.refresh)
        if not 200 <= reply.status < 300:
            reply.fail(
                f"A refresh token that is {person.age:.0f} s old and was not used before should be "
                f"exchanged with 200, not {reply.status}."
            )
        newer = self.with_tokens(person, reply, since)
        if not newer.refresh:
            reply.fail("The answer should have a text called refresh_token.")
        return newer

    def member(self, role="reader"):
        """Somebody with a new account of that role, signed in."""
        person = self.register()
        if role != "reader":
            self.give(person, role)
        return self.login(person)

    def give(self, person, role):
        """Have the administrator give somebody a role."""
        reply = self.changing_role(self.known("admin"), person, role)
        if not 200 <= reply.status < 300:
            reply.fail(f"PUT /users/{{id}}/role should answer 200, not {reply.status}.")

    def known(self, who="ada"):
        """One of those whom tests share, signed in: `admin`, or a user. None of them is logged out.

        Their session is a new one now and then. The one called `victim` is for sessions that end:
        it has a new one each time.
        """
        person = self._shared.get(who)
        if person is None:
            chief = Person(self.admin_name, self._secrets["ADMIN_PASSWORD"])
            person = chief if who == "admin" else self.register()
        if who == "victim" or not person.access or person.age > FRESH * self.refresh_seconds:
            person = self.login(person)
        if person.id is None:
            person = replace(person, id=self.id_of(self.me(person.access).expect(200)))
        self._shared[who] = person
        return person

    def keep(self):
        """Go on with the session that began with the exam: its end is looked at later.

        What it is worth is a matter of refresh.expired, so nothing fails here.
        """
        kept = self._shared.pop("kept", None)
        if kept is None or kept.age > LATE * self.refresh_seconds:
            return
        if kept.age > FRESH * self.refresh_seconds:
            since, age = time.monotonic(), kept.age
            try:
                reply = self.refreshing(kept.refresh)
                if not 200 <= reply.status < 300:
                    self._shared["lost"] = (reply, age)
                    return
                kept = self.with_tokens(kept, reply, since)
            except AssertionError:  # no answer, or one without tokens
                return
        self._shared["kept"] = kept

    def claims(self, person):
        """What the access token of somebody says."""
        found = jwts.read(person.access)
        if found is None:
            pytest.fail("The access token should be a JWT: header, claims and signature.")
        return found[1]

    # -- what is looked at again and again -------------------------------------------------

    def refused(self, token, what, paths=("/me",), statuses=REFUSED):
        """Fail unless an access token is refused; that it is with 401 has its own criterion."""
        for path in paths:
            self._refused(("GET", path, None), token, what, statuses)

    def refused_everywhere(self, token, what, person):
        """Fail unless it is refused on each route, with the id of `person` where it takes one."""
        for route in self.routes(person):
            self._refused(route, token, what, REFUSED)

    def _refused(self, route, token, what, statuses):
        method, path, body = route
        reply = self.call(method, path, token, json=body)
        if reply.status in statuses:
            return
        # what everybody may do without a token is a matter of token.missing
        if path == "/me" or self.call(method, path, json=body).status >= 400:
            reply.fail(f"{what} should be refused with 401 at {method} {path}: {reply.status}.")

    def accepted(self, token, what, name):
        """Fail unless GET /me answers a token with its user."""
        reply = self.me(token)
        if reply.status != 200:
            reply.fail(f"{what} should count at GET /me, which answered {reply.status}.")
        if reply.json(dict).get("username") != name:
            reply.fail(f"{what} should be that of {name}.")

    def not_exchanged(self, token, what, statuses=REFUSED):
        """Fail unless a refresh token is refused."""
        reply = self.refreshing(token)
        if reply.status not in statuses:
            reply.fail(f"{what} should be refused with 401 at POST /refresh, not {reply.status}.")

    # -- articles --------------------------------------------------------------------------

    def article(self, person):
        """The id and title of a new article."""
        title = self.title()
        reply = self.call("POST", "/articles", person.access, json={"title": title})
        if not 200 <= reply.status < 300:
            reply.fail(f"POST /articles should answer 201, not {reply.status}.")
        return quote(str(self.id_of(reply)), safe=""), title

    def titles(self, person):
        """Each article's title and author, by its id as in a path."""
        reply = self.call("GET", "/articles", person.access).expect(200)
        found = {}
        for one in self.objects(reply, "articles"):
            found[quote(str(one.get("id")), safe="")] = (one.get("title"), one.get("author"))
        return found

    def users(self, admin):
        """Each user's role, by the username."""
        reply = self.call("GET", "/users", admin.access).expect(200)
        return {one.get("username"): one.get("role") for one in self.objects(reply, "users")}

    def objects(self, reply, name):
        """The list of objects that an answer has under that name."""
        found = reply.json(dict).get(name)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            reply.fail(f"The answer should be an object with a list of objects under {name!r}.")
        return found


@pytest.fixture(scope="session")
def shared():
    """What one test leaves for the next."""
    return {}


@pytest.fixture
def site(app, draw, secrets, environment, shared):
    found = Site(app, draw, secrets, environment, shared)
    found.keep()
    return found


@pytest.fixture
def cells(db):
    """A function that gives every row of every table: (table, {column: bytes})."""

    def read():
        found = []
        for table in db.tables():
            for row in db.records(table):
                values = {
                    name: value if isinstance(value, bytes) else str(value).encode()
                    for name, value in row.items()
                    if isinstance(value, str | bytes)
                }
                found.append((table, values))
        return found

    return read


@pytest.fixture(scope="session")
def ends_early():
    """A function that ends a test whose subject another criterion has found broken."""

    def end(why):
        raise NotReached(why)

    return end
