"""Connections to MySQL: how many are left, how they end, what becomes of those that are gone."""

from dataclasses import dataclass

import pytest

from grader.exam.faults import Mismatch
from grader.waiting import wait_until

CLIENTS = 10
EACH = 50
PATIENCE = 3
"""Requests of one client that may be lost before it gives up."""
MOST = 20
ABORTED = 25
SOON = 3.0
"""Seconds within which connections are closed once nothing is asked any more."""
ASKED = 200
"""Statements that no app can do without over 500 requests: most of them need several."""


@dataclass
class Burst:
    """What came of 500 requests."""

    open: int
    """Connections that the app has then."""
    aborted: int
    """By how many `Aborted_clients` has grown."""
    asked: int
    """How many statements MySQL was asked."""
    lost: str
    """Why the app was given up; empty where it was not. A slow answer or two say nothing."""


def status(db, name):
    """One of MySQL's counters."""
    found = db.rows("SHOW GLOBAL STATUS WHERE Variable_name = %s", [name])
    return int(found[0]["Value"])


def burst_of(book, remembered):
    """Send 500 requests, ten at a time, each kind fifty times; once in a run."""
    if remembered.burst is None:
        book.may_lock = True
        taken, author = book.name(), book.author()
        book.author(taken)
        forms = [book.valid(name=book.name()) for _ in range(CLIENTS)]
        names = ("Aborted_clients", "Questions")
        before = [status(book.db, name) for name in names]
        calls = [lambda form=form: visits(book, author, taken, form) for form in forms]
        given_up = [one for one in book.app.together(calls) if one]
        lost = given_up[0] if len(given_up) > CLIENTS // 2 else ""
        left = wait_until(lambda: few(book.db), within=SOON) or book.db.connections()
        aborted, asked = (
            status(book.db, name) - was for name, was in zip(names, before, strict=True)
        )
        remembered.burst = Burst(left, aborted, asked, lost)
    return remembered.burst


def few(db):
    """How many connections the app has, from 1, if they are few; else 0."""
    found = db.connections()
    return max(found, 1) if found <= MOST else 0


def visits(book, author, taken, form):
    """What one of the ten asks for; why it has given up, empty where it has not."""
    client = book.app.session()
    unknown = 2_000_000_011
    kinds = (
        lambda: client.get("/"),
        lambda: client.get("/authors"),
        lambda: client.get(f"/authors/{author}"),
        lambda: client.get("/", params={"q": form["message"]}),
        lambda: client.get(f"/authors/{unknown}"),
        lambda: client.post(f"/entries/{unknown}/delete", data={}),
        lambda: client.post(f"/authors/{unknown}/delete", data={}),
        lambda: client.post(f"/authors/{author}/rename", data={"name": taken}),
        lambda: client.post("/entries", data={**form, "rating": "6"}),
        lambda: client.post("/entries", data=form),
    )
    losses = []
    for number in range(EACH):
        try:
            kinds[number % len(kinds)]()
        except Mismatch as lost:
            losses.append(str(lost))
        if len(losses) == PATIENCE:
            return losses[-1]
    return ""


def require_asked(burst):
    """Fail where the app has hardly asked MySQL anything: it has no connections to look at."""
    assert burst.asked >= ASKED, (
        f"Over 500 requests for pages, entries and authors MySQL was asked {burst.asked} times; "
        "what they show and change should stand in the tables."
    )


@pytest.mark.criterion("connections.count")
def test_few_connections_are_left(book, remembered):
    """After 500 requests, refused ones among them."""
    found = burst_of(book, remembered)
    assert not found.lost, f"Of 500 requests, ten at a time, too many were lost. {found.lost}"
    require_asked(found)
    assert found.open <= MOST, (
        f"After 500 requests, all of them answered, the app has {found.open} connections to MySQL; "
        f"{MOST} are the most. Close each when its request ends, whatever was answered."
    )


@pytest.mark.criterion("connections.closed")
def test_connections_are_closed(book, remembered):
    """With the goodbye that MySQL expects."""
    found = burst_of(book, remembered)
    require_asked(found)
    assert found.aborted <= ABORTED, (
        f"Over 500 requests MySQL has counted {found.aborted} clients that went without closing "
        f"their connection (Aborted_clients); {ABORTED} are the most. Call close()."
    )


@pytest.mark.criterion("connections.busy")
def test_many_at_once_are_all_answered(app, book):
    """Reads and writes, each with its own answer."""
    author, known = book.author(), book.name()
    book.author(known)
    entry = book.add(author, at=book.later())
    forms = [book.valid(name=known) for _ in range(10)]
    book.page("/")
    calls = [lambda: app.get("/")] * 30
    calls += [lambda form=form: book.send(form) for form in forms]
    replies = app.together(calls)
    for reply in replies:
        if reply.status not in (200, 302, 303):
            reply.fail(f"Of 40 requests at the same moment this one got {reply.status}.")
    for reply in replies[:30]:
        if entry not in book.ids(reply.page()):
            reply.fail("Of 40 requests at the same moment this one got a page without its rows.")


@pytest.mark.criterion("connections.lost")
def test_a_connection_that_is_gone_is_no_error(app, book):
    """MySQL ends all of the app's; what is asked then is answered as ever."""
    author = book.author()
    entries = [book.add(author, at=book.later()) for _ in range(2)]
    book.page("/")
    try:
        for gone in (entries[1], None):
            app.together([lambda: app.get("/")] * 12)
            book.db.disconnect()
            if gone:
                require_written(book, author, gone)
            require_pages(book, entries[0])
    except AssertionError:  # it may never find back, which is to cost nothing else
        app.restart()
        raise


def require_written(book, author, gone):
    """Fail unless an entry is deleted, and another one is taken."""
    reply = book.delete("entries", gone)
    if reply.status >= 400 or gone in [one.id for one in book.of(author)]:
        reply.fail(
            "MySQL has ended the app's connections, as it does with those that were idle for long; "
            f"a deletion after it was answered with {reply.status}."
        )
    reply = book.send(book.valid())
    if reply.status >= 400:
        reply.fail(f"MySQL has ended the app's connections; an entry then got {reply.status}.")


def require_pages(book, entry):
    """Fail unless pages are answered with what is there, however many ask."""
    app = book.app
    for reply in app.together([lambda: app.get("/")] * 12):
        if reply.status != 200:
            reply.fail(
                "MySQL has ended the app's connections, as it does with those that were idle for "
                f"long; after it a page is answered with {reply.status}."
            )
        if entry not in book.ids(reply.page()):
            reply.fail("MySQL has ended the app's connections; after it a page lacks its rows.")


@pytest.mark.criterion("connections.locks")
def test_nothing_stays_locked(book, draw):
    """After what was refused, and what was not found: others change the same rows."""
    names, free = [book.name(), book.name()], [book.name() for _ in range(3)]
    one, other = map(book.author, names)
    entry = book.add(one)
    unknown = 2_000_000_000
    change = "UPDATE authors SET name = %s WHERE id = %s"
    insert = (
        "INSERT INTO entries (author_id, message, rating, written_at) VALUES (%s, 'x', 3, NOW())"
    )
    tried = {
        "a name that is taken": (lambda: book.rename(one, names[1]), change, [free[0], one]),
        "a name that was taken": (lambda: book.rename(other, free[0]), change, [free[1], one]),
        "an entry without a rating": (
            lambda: book.send(book.valid(name=names[1], rating="")), change, [free[2], other],
        ),
        "an entry that is not there": (lambda: book.delete("entries", unknown), insert, [one]),
        "an author who is not there": (
            lambda: book.delete("authors", unknown),
            "INSERT INTO authors (name) VALUES (%s)", [book.name()],
        ),
        "a page that is read": (
            lambda: book.get(f"/authors/{one}"),
            "UPDATE entries SET message = %s WHERE id = %s", [draw.sentence(), entry],
        ),
    }  # fmt: skip
    for what, (ask, sql, args) in tried.items():
        reply = ask()
        if what.startswith("a name") and reply.status in (404, 405):
            reply.fail(f"There is such an author, who cannot be renamed: {reply.status}.")
        try:
            book.refusal(sql, args)
        except Mismatch as lost:
            pytest.fail(f"After {what} the app still holds rows locked that others change: {lost}")
