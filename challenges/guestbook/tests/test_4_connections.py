"""Connections to MySQL: how many are left, how they end, and what becomes of those that are gone."""

from dataclasses import dataclass

import pytest

from grader.exam.faults import Mismatch
from grader.waiting import wait_until

CLIENTS = 10
EACH = 50
MOST = 20
ABORTED = 25
SOON = 3.0
"""Seconds within which connections are closed once nothing is asked any more."""
STATUS = "SHOW GLOBAL STATUS LIKE 'Aborted_clients'"


@dataclass
class Burst:
    """What came of 500 requests."""

    open: int
    """Connections that the app has then."""
    aborted: int
    """By how many `Aborted_clients` has grown."""
    lost: str
    """Why a request was lost; empty where none was."""


def aborted(db):
    """What MySQL says of clients that went without a goodbye."""
    return int(next(iter(db.rows(STATUS)))["Value"])


def burst_of(book, draw, remembered):
    """Send 500 requests, ten at a time, each kind fifty times; once in a run."""
    if remembered.burst is None:
        taken, author = book.name(), book.author()
        book.author(taken)
        forms = [book.valid(name=book.name()) for _ in range(CLIENTS)]
        before = aborted(book.db)
        calls = [lambda form=form: visits(book, author, taken, form) for form in forms]
        lost = next((one for one in book.app.together(calls) if one), "")
        left = wait_until(lambda: few(book.db), within=SOON) or book.db.connections()
        remembered.burst = Burst(left, aborted(book.db) - before, lost)
    return remembered.burst


def few(db):
    """How many connections the app has, from 1, if they are few; else 0."""
    found = db.connections()
    return max(found, 1) if found <= MOST else 0


def visits(book, author, taken, form):
    """What one of the ten asks for; why a request was lost, empty where none was."""
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
    try:
        for number in range(EACH):
            kinds[number % len(kinds)]()
    except Mismatch as lost:
        return str(lost)
    return ""


@pytest.mark.criterion("connections.count")
def test_few_connections_are_left(book, draw, remembered):
    """After 500 requests, refused ones among them."""
    found = burst_of(book, draw, remembered)
    assert not found.lost, f"One of 500 requests was lost. {found.lost}"
    assert found.open <= MOST, (
        f"After 500 requests, all of them answered, the app has {found.open} connections to MySQL; "
        f"{MOST} are the most. Close each when its request ends, whatever was answered."
    )


@pytest.mark.criterion("connections.closed")
def test_connections_are_closed(book, draw, remembered):
    """With the goodbye that MySQL expects."""
    found = burst_of(book, draw, remembered)
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
    for _ in range(2):
        calls = [lambda: app.get("/"), lambda: app.get(f"/authors/{author}")] * 15
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
    entry = book.add(author, at=book.later())
    try:
        for read_first in (False, True, False):
            app.together([lambda: app.get("/")] * 12)
            book.db.disconnect()
            if not read_first:
                require_saved(book)
            require_pages(book, author, entry)
    except AssertionError:  # it may never find back, which is to cost nothing else
        app.restart()
        raise


def require_saved(book):
    """Fail unless an entry is saved, once."""
    values = book.valid()
    reply = book.send(values)
    saved = len(book.saved(values["message"]))
    if reply.status >= 400 or saved != 1:
        reply.fail(
            "MySQL has ended the app's connections; the first entry after it was answered with "
            f"{reply.status}, and stands {saved} times."
        )


def require_pages(book, author, entry):
    """Fail unless pages are answered with what is there, however many ask."""
    app = book.app
    for reply in app.together([lambda: app.get(f"/authors/{author}")] * 12):
        if reply.status != 200:
            reply.fail(
                "MySQL has ended the app's connections, as it does with those that were idle for "
                f"long; after it a page is answered with {reply.status}."
            )
        if entry not in book.ids(reply.page()):
            reply.fail("MySQL has ended the app's connections; after it a page lacks its rows.")


@pytest.mark.criterion("connections.fresh")
def test_each_request_sees_what_is_there(app, book, draw):
    """Also over a connection that has read before."""
    author = book.author()
    for _ in range(3):
        app.together([lambda: app.get(f"/authors/{author}")] * 12)
        entry = book.add(author, at=book.later())
        for reply in app.together([lambda: app.get(f"/authors/{author}")] * 12):
            if entry not in book.ids(reply.expect(200).page()):
                reply.fail(
                    "A row was added in MySQL, and a page that was asked for afterwards does not "
                    "have it: its connection still sees what it saw first."
                )


@pytest.mark.criterion("connections.locks")
def test_nothing_stays_locked(app, book, draw):
    """After what was refused, and what was not found."""
    names = [book.name(), book.name()]
    one, other = map(book.author, names)
    entry = book.add(one)
    for number in range(4):
        book.rename(one, names[1])
        book.send(book.valid(name=names[0], rating="6"))
        book.delete("entries", 2_000_000_000 + number)
        book.delete("authors", 2_000_000_000 + number)
    changes = [("UPDATE authors SET name = %s WHERE id = %s", [book.name(), author])
               for author in (one, other)]  # fmt: skip
    changes += [("UPDATE entries SET message = %s WHERE id = %s", [draw.sentence(), entry])]
    changes += [("INSERT INTO authors (name) VALUES (%s)", [book.name()])]
    for sql, args in changes:
        try:
            book.db.write(sql, args)
        except Mismatch as lost:
            pytest.fail(
                "After requests that were refused, the app still holds rows locked, so that nobody "
                f"else can change them: {lost}"
            )
