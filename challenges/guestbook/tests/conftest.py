"""What the tests of the guestbook share: rows that the grader puts in, pages, forms, refusals.

Nothing that an app answers may crash a test, so every value is looked at before it is used. What
one criterion examines costs no other one: pages are looked at with rows of the grader's own, and
only the criterion in question is strict about what the app writes.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from grader.exam.faults import Mismatch

REDIRECTS = (302, 303)
LEAKED = 30
"""Connections that no app needs: one that has more is started again, so that it goes on."""
OUT_OF_TIME = {1205, 1317, 3024}
"""MySQL's errors for a lock not had in time, and for a statement that was broken off."""
LATE = datetime(2036, 1, 1)
"""Rows of that time are newer than all that the app writes."""
NAMES = ("name", "message", "rating")


def words(text):
    """`text` with single spaces, as a browser shows it."""
    return " ".join(text.split())


def shown(reply):
    """Status and target of an answer, in words."""
    to = reply.headers.get("Location", "")
    return f"{reply.status} to {to[:100]!r}" if to else str(reply.status)


@dataclass(frozen=True)
class Entry:
    """An entry: a row of the table, or what a page shows of it (texts, None for what it lacks)."""

    id: int
    name: str | None
    message: str | None
    rating: int | str | None
    links: tuple = ()
    """The paths that its links lead to."""


class Book:
    """The guestbook under examination."""

    def __init__(self, app, db, draw, remembered):
        self.app = app
        self._remembered = remembered
        self._changed = True
        """Whether rows were changed since the app was last asked to show them."""
        self.db = db
        self.draw = draw
        self._seconds = draw.integer(0, 10**6)
        self._made = []
        self.may_lock = False
        """Whether the app was asked for something that it has refused."""

    # -- what the grader puts in -----------------------------------------------------------

    def change(self, sql, args):
        """The id of the row that a statement of the grader's has made."""
        self._changed = True
        return self.db.write(sql, args)

    def name(self):
        """A name that nobody has."""
        return f"{self.draw.word(7).title()} {self.draw.word(9).title()}"

    def author(self, name=None):
        """The id of a new author."""
        name = self.name() if name is None else name
        self._made.append(self.change("INSERT INTO authors (name) VALUES (%s)", [name]))
        return self._made[-1]

    def add(self, author, message=None, rating=None, at=None):
        """The id of a new entry; `at` is when it was written, now where it is None."""
        message = self.draw.sentence() if message is None else message
        rating = self.draw.integer(1, 5) if rating is None else rating
        values = [author, message, rating] + ([] if at is None else [at])
        when = "NOW()" if at is None else "%s"  # whether MySQL fills it in is one criterion's
        return self.change(
            "INSERT INTO entries (author_id, message, rating, written_at) "
            f"VALUES (%s, %s, %s, {when})",
            values,
        )

    def add_many(self, author, count, at, text=""):
        """The ids of new entries, a second apart, the last one at `at`; the newest first."""
        values = []
        for number in range(count):
            when = at - timedelta(seconds=count - 1 - number)
            message = f"{self.draw.sentence()} {text}".strip()
            values += [author, message, self.draw.integer(1, 5), when]
        marks = ", ".join(["(%s, %s, %s, %s)"] * count)
        self.change(
            f"INSERT INTO entries (author_id, message, rating, written_at) VALUES {marks}", values
        )
        return [one.id for one in self.of(author)][:count]

    def later(self):
        """A moment that is later than all of before, in this test as in others."""
        self._seconds += 3600
        return LATE + timedelta(seconds=self._seconds)

    def remove(self, *authors):
        """Delete authors and their entries, whatever MySQL deletes by itself."""
        for table, column in (("entries", "author_id"), ("authors", "id")):
            marks = ", ".join(["%s"] * len(authors))
            self.change(f"DELETE FROM {table} WHERE {column} IN ({marks})", list(authors))

    def clean_up(self):
        """Delete what the test has put in, so that it is in no other test's way.

        Where the app still holds rows locked, it is started again: that has a criterion of its own.
        """
        try:
            self._remove_made()
        except Mismatch:
            self.app.restart()
            self._remove_made()

    def _remove_made(self):
        if self.may_lock:
            author = self.author()
            self.add(author)
        if self._made:
            self.remove(*self._made)

    def _noted(self, reply):
        self._changed = True
        self.may_lock |= reply.status >= 400
        return reply

    # -- what stands in the tables ---------------------------------------------------------

    def of(self, author):
        """The entries of an author as they stand in the table, the newest first."""
        found = self.db.rows(
            "SELECT id, message, rating FROM entries WHERE author_id = %s "
            "ORDER BY written_at DESC, id DESC",
            [author],
        )
        return [Entry(row["id"], None, row["message"], row["rating"]) for row in found]

    def saved(self, message):
        """The entries with exactly this message, each with the name of its author."""
        found = self.db.rows(
            "SELECT entries.id AS id, name, message, rating FROM entries "
            "LEFT JOIN authors ON authors.id = author_id "
            "WHERE CAST(message AS BINARY) IN (CAST(%s AS BINARY), CAST(%s AS BINARY))",
            [message, message.replace("\r\n", "\n")],
        )
        return [Entry(row["id"], row["name"], row["message"], row["rating"]) for row in found]

    def name_of(self, author):
        """The name of an author as it stands in the table; None where there is no such author."""
        return self.db.value("SELECT name FROM authors WHERE id = %s", [author])

    def ids_of(self, name):
        """The ids of the authors with exactly this name."""
        sql = "SELECT id FROM authors WHERE CAST(name AS BINARY) = CAST(%s AS BINARY)"
        return [row["id"] for row in self.db.rows(sql, [name])]

    def count(self, table):
        """How many rows a table has."""
        return self.db.value(f"SELECT COUNT(*) FROM {table}")

    def counts(self):
        """How many rows both tables have."""
        sql = "SELECT (SELECT COUNT(*) FROM authors) AS a, (SELECT COUNT(*) FROM entries) AS e"
        return tuple(self.db.rows(sql)[0].values())

    def refusal(self, sql, args=()):
        """The number of the error that MySQL refuses a statement with; 0 where it does not."""
        try:
            self.db.write(sql, list(args))
        except Mismatch as lost:
            cause = lost.__cause__
            number = cause.args[0] if cause is not None and cause.args else None
            if type(number) is int and number not in OUT_OF_TIME:
                return number
            raise
        return 0

    # -- what the app does -----------------------------------------------------------------

    def valid(self, **changed):
        """What a guest enters, all of it right, with `changed` in the place of it."""
        values = {
            "name": self.name(),
            "message": f"{self.draw.sentence()} {self.draw.word(14)}",
            "rating": str(self.draw.integer(1, 5)),
        }
        return values | changed

    def send(self, values, client=None):
        """The answer to a form for an entry; a field that is None is left out."""
        sent = {name: value for name, value in values.items() if value is not None}
        return self._noted((client or self.app).post("/entries", data=sent))

    def write(self, client=None, **changed):
        """The values of an entry that was sent, and the answer, which has to be no error."""
        values = self.valid(**changed)
        reply = self.send(values, client)
        if reply.status >= 400:
            reply.fail(f"A valid entry should be taken, not answered with {reply.status}.")
        return values, reply

    def rename(self, author, name, client=None):
        """The answer to the form that gives an author another name."""
        if client is None:
            self.refresh()
        path = f"/authors/{author}/rename"
        return self._noted((client or self.app).post(path, data={"name": name}))

    def delete(self, what, number):
        """The answer to the form that deletes one of `what`: entries or authors."""
        return self._noted(self.app.post(f"/{what}/{number}/delete", data={}))

    # -- pages -----------------------------------------------------------------------------

    def refresh(self):
        """Have the app see the rows that were changed in MySQL.

        One that goes on seeing what it saw first has lost the criterion about that; it is started
        again, so that it costs no other one.
        """
        if self._remembered.stale and self._changed:
            self.app.restart()
        self._changed = False

    def get(self, path, **options):
        """The answer to a GET of what depends on rows that were changed in MySQL."""
        self.refresh()
        return self.app.get(path, **options)

    def page(self, path):
        """The page at `path`, in the same way."""
        self.refresh()
        return self.app.page(path)

    # -- what pages show -------------------------------------------------------------------

    def entries(self, page):
        """The entries on a page, in its order."""
        return [self._entry(page, tag) for tag in page.find("[data-entry]")]

    def ids(self, page):
        """Their ids."""
        return [one.id for one in self.entries(page)]

    def _entry(self, page, tag):
        links = [*tag.select("a[href]")]
        if (around := tag.find_parent("a", href=True)) is not None:
            links.append(around)
        paths = [page.path_of(str(link["href"])) or "" for link in links]
        number = str(tag["data-entry"]).strip()
        return Entry(
            int(number) if re.fullmatch("[0-9]{1,18}", number) else 0,
            *(self.field(tag, name) for name in NAMES),
            tuple(path.partition("?")[0] for path in paths),
        )

    def field(self, tag, name):
        """The text of the element `data-field` in an entry or author; None where there is none."""
        found = tag.select_one(f'[data-field="{name}"]')
        return None if found is None else words(found.get_text())

    def authors(self, page):
        """The authors on /authors, in its order: id to name, number and average."""
        found = {}
        for tag in page.find("[data-author]"):
            number = str(tag["data-author"]).strip()
            key = int(number) if re.fullmatch("[0-9]{1,18}", number) else number
            found[key] = tuple(self.field(tag, one) for one in ("name", "entries", "average"))
        return found

    def next_link(self, page):
        """The path that the link to the next page leads to; empty where there is none."""
        links = page.find('a[rel~="next"][href], link[rel~="next"][href]')
        return (page.path_of(str(links[0]["href"])) or "") if links else ""


@pytest.fixture
def book(app, db, draw, remembered):
    """The guestbook, with guests."""
    made = Book(app, db, draw, remembered)
    yield made
    with suppress(Mismatch):
        made.clean_up()


@pytest.fixture(autouse=True)
def few_connections(app, db):
    """Have the connections of one test cost no other test: an app that leaks begins again."""
    if db.connections() > LEAKED:
        app.restart()


@pytest.fixture(scope="session")
def remembered():
    """What one test leaves for the next."""
    return SimpleNamespace(burst=None, stale=False)


@pytest.fixture(scope="session")
def redirects():
    """A function that fails unless an answer redirects to a path."""

    def check(reply, path, what):
        to = reply.location.partition("?")[0].partition("#")[0]
        if reply.status not in REDIRECTS or (to.rstrip("/") or "/") != path:
            reply.fail(f"{what} should redirect to {path} (302 or 303); this was {shown(reply)}.")
        return reply

    return check


@pytest.fixture(scope="session")
def spaced():
    """A function that gives a text with single spaces."""
    return words
