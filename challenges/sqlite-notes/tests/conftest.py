"""What the tests of the notes share: making notebooks and notes, listing them, and the database.

Nothing that an app answers may crash a test, so every value is looked at before it is used.
"""

import re
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from grader.exam.faults import AppTimeout, AppUnreachable
from grader.exam.sqlite_file import opened

LARGEST_ID = 2**63
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
ALONGSIDE = ("-wal", "-journal")
"""Ends of the names of what SQLite keeps alongside a database."""
MOST_BYTES = 8 << 20


def is_count(value, least=1):
    """Whether `value` is a JSON integer; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < LARGEST_ID


class Notes:
    """The notes of the app under examination."""

    def __init__(self, app, draw, token):
        self._app = app
        self._draw = draw
        self._token = token

    # -- values ----------------------------------------------------------------------------

    def word(self):
        """A word that nothing else holds."""
        return f"{self._draw.word()}{self._draw.integer(10**8, 10**9 - 1)}"

    def name(self):
        """A name, or a title, that nothing else has."""
        return f"{self._draw.word().capitalize()} {self.word()}"

    # -- requests --------------------------------------------------------------------------

    def made(self, path, body, client=None):
        """What a POST of JSON has made, with its id.

        Any 2xx will do: the status has a criterion of its own.
        """
        reply = (client or self._app).post(path, json=body)
        if not 200 <= reply.status < 300:
            reply.fail(f"This input is valid, but POST {path} answered {reply.status}.")
        value = reply.json(dict, labelled=False)
        if not is_count(value.get("id")):
            reply.fail(f"POST {path} has to answer with what it made, and its integer id.")
        return value

    def notebook(self, name=""):
        """The id of a new notebook."""
        return self.made("/notebooks", {"name": name or self.name()})["id"]

    def note(self, notebook, title="", body="", client=None):
        """A new note as it was answered."""
        sent = {"notebook": notebook, "title": title or self.name(), "body": body}
        return self.made("/notes", sent, client) | {"title": sent["title"], "body": body}

    def imported(self, count, client=None, name=""):
        """Import a notebook with so many notes; gives its name and the answer."""
        name = name or self.name()
        notes = [{"title": f"{name} {number}", "body": self._draw.word() * 12}
                 for number in range(count)]  # fmt: skip
        reply = (client or self._app).post("/import", json={"name": name, "notes": notes})
        return name, reply

    def read(self, number):
        """The note of that id, by GET."""
        return self._app.get(f"/notes/{number}").expect(200).json(dict)

    def page(self, **params):
        """The items and the total of GET /notes, their form checked."""
        reply = self._app.get("/notes", params=params)
        value = reply.expect(200).json(dict)
        items, total = value.get("items"), value.get("total")
        if not isinstance(items, list) or not is_count(total, 0):
            reply.fail('GET /notes answers with {"items": [ …notes… ], "total": a number}.')
        if not all(isinstance(one, dict) and is_count(one.get("id")) for one in items):
            reply.fail("Every one of the items has to be a note with its integer id.")
        return items, total

    def titles(self, notebook):
        """The titles of all notes of a notebook, newest first."""
        found = []
        while True:
            items, total = self.page(notebook=notebook, limit=100, offset=len(found))
            found += [one.get("title") for one in items]
            if len(found) >= total or not items:
                return found

    def notebooks(self):
        """All notebooks, by their names."""
        reply = self._app.get("/notebooks").expect(200)
        items = reply.json(dict).get("items")
        if not isinstance(items, list) or not all(
            isinstance(one, dict) and isinstance(one.get("name"), str) and is_count(one.get("id"))
            for one in items
        ):
            reply.fail('GET /notebooks answers with {"items": [ …notebooks… ]}.')
        return {one["name"]: one for one in items}

    def check_kept(self, kept, when):
        """Fail unless each of `kept`, notes as they were answered, is still there as it was."""
        for one in kept:
            reply = self._app.get(f"/notes/{one['id']}")
            if reply.status != 200:
                reply.fail(
                    f"{when} the note {one['title']!r} is not there any more: GET /notes/"
                    f"{one['id']} answered {reply.status}. POST had answered 201."
                )
            value = reply.json(dict)
            for field in ("title", "body"):
                if value.get(field) != one[field]:
                    reply.fail(f"{when} the {field} of the note is another one than was sent.")

    # -- backup and restore ----------------------------------------------------------------

    @property
    def bearer(self):
        """The header with the token of this run."""
        return {"Authorization": f"Bearer {self._token}"}

    def backup(self):
        """The answer to GET /backup with the token."""
        return self._app.get("/backup", headers=self.bearer).expect(200)

    def restore(self, content):
        """The answer to POST /restore of `content` with the token."""
        typed = {"Content-Type": "application/vnd.sqlite3"}
        return self._app.post("/restore", body=content, headers=self.bearer | typed)

    @contextmanager
    def opened_backup(self):
        """The database in a new backup, for the block."""
        reply = self.backup()
        with opened({"": reply.body}, what="The backup", reply=reply) as database:
            yield database

    def check_refused(self, content, what, kept, status=400, good=b""):
        """`content` is refused by /restore, in JSON, and `kept` is still there.

        Where it is not, `good` is restored: it must not cost other criteria.
        """
        reply = self.restore(content)
        if reply.status != status and good:
            self.restore(good)
        if reply.status != status:
            reply.fail(f"{what} has to be refused with {status}; this was {reply.status}.")
        self.error(reply)
        self.check_kept(kept, f"After {what.lower()} was refused,")

    def error(self, reply):
        """Fail unless `reply` is an error as the brief has it."""
        said = reply.json(dict).get("error")
        if not isinstance(said, str) or not said.strip():
            reply.fail('An error is a JSON object with a sentence under "error".')


@pytest.fixture
def notes(app, draw, secrets):
    """The app's notes."""
    return Notes(app, draw, secrets["BACKUP_TOKEN"])


@pytest.fixture
def database(app, environment):
    """A function that gives the database on the volume, as it is now, for a block."""
    path = environment["DATABASE_PATH"]

    def now():
        volume = app.volume("/data")
        name = path.removeprefix("/data/")
        there = {one.path for one in volume.files() if one.kind == "file"}
        if name not in there:
            listed = ", ".join(sorted(there)[:5]) or "no file at all"
            pytest.fail(f"There is no {path} (DATABASE_PATH); in /data there is {listed}.")
        files = {"": volume.read(name, most=MOST_BYTES)}
        for end in ALONGSIDE:
            if name + end in there:
                files[end] = volume.read(name + end, most=MOST_BYTES)
        return opened(files, what=f"The file {path}")

    return now


@pytest.fixture(scope="session")
def moment_of():
    """A function that gives a moment of an answer; fails where it is none in UTC."""

    def moment(reply, value, field):
        if not isinstance(value, str) or not MOMENT.fullmatch(value):
            reply.fail(f"{field} has to be a time in UTC like 2030-01-15T09:30:00Z: {value!r:.60}")
        found = datetime.fromisoformat(value)
        if abs(found - datetime.now(UTC)) > timedelta(minutes=10):
            reply.fail(f"{field} has to be the present time, in UTC; it is {value}.")
        return found

    return moment


@pytest.fixture
def started_again(app):
    """A function for a block after which the app is killed and started where the block fails.

    What the app got into there must not cost it other criteria.
    """

    @contextmanager
    def block():
        try:
            yield
        except AssertionError:
            with suppress(AssertionError):
                app.kill()
            raise

    return block


@pytest.fixture(scope="session")
def until_gone():
    """A function that makes requests until the app has gone, and leaves what it is in."""

    def repeat(request, most):
        try:
            for _ in range(most):
                request()
        except (AppUnreachable, AppTimeout):
            return

    return repeat
