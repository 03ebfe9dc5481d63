"""What the tests of the box office share: events, orders, jobs, and the mails that come of them.

Nothing that an app answers may crash a test, so every value is looked at before it is used. What
one criterion examines costs no other one: only the criterion in question is strict about it.
"""

import re
import time

import pytest

from grader.exam.faults import AppTimeout, AppUnreachable

QUICK = 2.0
"""Seconds within which an order is answered, whatever the mail server does."""
AWAY = 3.0
"""The same, while there is no broker."""
SOON = 5.0
"""Seconds within which a mail is sent where nothing is in the way."""
AGAIN = 15.0
"""The same, after something that was killed is back."""
CALM = 1.0
"""Seconds that have to go by before one says that no second mail has come."""
POLL = 0.05


def is_id(value):
    """Whether a value of JSON may be an id."""
    whole = type(value) is int and abs(value) < 2**63
    return whole or (isinstance(value, str) and bool(re.fullmatch(r"[\w-]{1,100}", value)))


def is_count(value, wanted):
    """Whether a value of JSON is the whole number `wanted`, and no `true`."""
    return type(value) is int and value == wanted


class Order:
    """An order that was sent; `reply` is None where none came in time."""

    def __init__(self, email, key, body, reply, why=""):
        self.email, self.key, self.body, self.reply, self.why = email, key, body, reply, why

    @property
    def taken(self):
        """Whether it was answered with a 2xx: which one is for one criterion to say."""
        return self.reply is not None and 200 <= self.reply.status < 300

    @property
    def found(self):
        """The object that was answered; empty where the order was not taken."""
        return dict(self.reply.json(dict, labelled=False)) if self.taken else {}

    @property
    def number(self):
        """The id of the order; None where there is none."""
        number = self.found.get("id")
        return number if is_id(number) else None

    @property
    def job(self):
        """The id of its job; None where there is none."""
        number = self.found.get("job_id")
        return number if is_id(number) else None

    def expect(self, what="This order"):
        """Fail unless it was taken."""
        self.answered(what)
        if not self.taken:
            self.reply.fail(f"{what} should be answered with 202, not {self.reply.status}.")
        return self

    def tracked(self, what="This order"):
        """Fail unless it was taken, and has ids."""
        self.expect(what)
        if self.number is None or self.job is None:
            self.reply.fail("An order should have an id and a job_id.")
        return self

    def quick(self, what, within=QUICK):
        """Fail unless it was taken, and in time."""
        self.expect(what)
        if self.reply.seconds > within:
            self.reply.fail(f"{what} took {self.reply.seconds:.1f} s; {within:g} s are allowed.")
        return self

    def answered(self, what):
        """Fail unless there was an answer."""
        if self.reply is None:
            pytest.fail(f"{what} was not answered. {self.why}")

    def lost(self, message):
        """Fail, with the order as evidence."""
        self.expect()
        self.reply.fail(message)


class Office:
    """The box office under examination, and all that was ordered there in this run."""

    def __init__(self, app, mail):
        self._app, self._mail = app, mail
        self.draw = None
        """Of the present test."""
        self.known = {}
        """What tests have kept for others."""

    # -- what a client does ----------------------------------------------------------------

    def title(self):
        """A title that no other event has."""
        return f"{self.draw.word(6).title()} {self.draw.word(9)}"

    def address(self):
        """An address that nobody else has."""
        return f"{self.draw.word(12)}@example.org"

    def key(self):
        """A key that nobody has used."""
        return f"{self.draw.word(8)}-{self.draw.integer(10**9, 10**10 - 1)}"

    def event(self, seats=100, title=None):
        """The id of a new event."""
        reply = self._app.post("/events", json={"title": title or self.title(), "seats": seats})
        if not 200 <= reply.status < 300:
            reply.fail(f"POST /events should answer 201, not {reply.status}.")
        number = reply.json(dict, labelled=False).get("id")
        if not is_id(number):
            reply.fail("A new event should have an id.")
        return number

    def left(self, event):
        """How many seats an event has left."""
        reply = self._app.get(f"/events/{event}").expect(200)
        left = reply.json(dict, labelled=False).get("left")
        if type(left) is not int:
            reply.fail("`left` of an event should be a whole number.")
        return left

    def order(self, event, key=None, **more):
        """An order of one seat, with the fields `more`, whatever becomes of it."""
        body = {"event_id": event, "email": self.address(), "seats": 1} | more
        return self.send(body, key or self.key())

    def send(self, body, key):
        """The order `body`, whatever becomes of it."""
        email = body["email"]
        try:
            reply = self._app.post("/orders", json=body, headers={"Idempotency-Key": key})
        except (AppTimeout, AppUnreachable) as failure:
            return Order(email, key, body, None, str(failure))
        return Order(email, key, body, reply)

    def job(self, number):
        """The answer to GET /jobs/{id}; None where there was none in time."""
        try:
            return self._app.get(f"/jobs/{number}")
        except (AppTimeout, AppUnreachable):
            return None

    def told(self, number):
        """The job as GET tells it now."""
        return self._app.get(f"/jobs/{number}").expect(200).json(dict)

    def settled(self, number, *states, within=SOON):
        """The job once it is in one of `states`; fails where it is not in time."""
        end = time.monotonic() + within
        while True:
            reply = self._app.get(f"/jobs/{number}").expect(200)
            job = reply.json(dict)
            if job.get("state") in states:
                return job
            if time.monotonic() > end:
                reply.fail(f"The job should be {' or '.join(states)} within {within:g} s.")
            time.sleep(POLL)

    # -- mails -----------------------------------------------------------------------------

    def came(self, *orders, within=SOON):
        """Wait until a mail for each of the orders has come; return those that lack one."""
        end = time.monotonic() + within
        lacking = []
        for one in orders:
            try:
                self._mail.wait_for(one.email, within=max(0.0, end - time.monotonic()))
            except AssertionError:
                lacking.append(one)
        return lacking

    def count(self, email):
        """How many mails have come to an address."""
        return len(self._mail.messages(email))

    def keep(self, **records):
        """Keep records for other tests, with the time."""
        self.known |= records | {"at": time.monotonic()}

    def once(self, what, *orders):
        """Fail where a second mail has come for one of the orders."""
        quiet = max(0.0, self.known.get("at", 0.0) + CALM - time.monotonic())
        self._mail.exactly(0, "nobody@example.org", quiet=quiet)
        for one in orders:
            if (count := self.count(one.email)) > 1:
                one.lost(f"{what}: {count} mails have come for one order.")


@pytest.fixture(scope="session")
def box(app, mail):
    """The box office, one for all tests."""
    return Office(app, mail)


@pytest.fixture
def office(box, draw):
    """The same, with the data of the test."""
    box.draw = draw
    return box


@pytest.fixture(scope="session")
def refused():
    """A function that fails unless an answer is an error with that status, and its word."""

    def check(reply, status, what, word=""):
        if reply.status != status:
            reply.fail(f"{what} should be answered with {status}, not {reply.status}.")
        said = reply.json(dict, labelled=False).get("error")
        if not isinstance(said, str) or not said:
            reply.fail('An error should be a JSON object with a text under "error".')
        if word and said != word:
            reply.fail(f'{what} should have "error": "{word}"; it has {said[:60]!r}.')
        return reply

    return check
