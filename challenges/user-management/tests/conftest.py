"""What the tests share: users and sessions in the tables, requests, and how answers are looked at.

Nothing that an app answers may crash a test, so every value is looked at before it is used. What
one criterion examines costs no other one: users are put in and signed in by rows, and what an
answer is compared with stands in the table.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from answers import FIELDS, require_cursor

from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch

COLUMNS = ("email", "name", "role", "active", "note", "created_at")
TYPES = ("text", "text", "text", "boolean", "text", "timestamptz")
CROWD = 5000
HEAVY = 15_000
NOTE = 20_000
"""Characters of a note, of which `HEAVY` make an export of 300 MB."""
TOO_LONG = "The answer is longer than"
"""How the client says that it has read as much as it reads: `limits.body` of challenge.yml."""
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
UNKNOWN = 2_147_483_600


@dataclass(frozen=True)
class Page:
    """A page of the list, its form checked."""

    items: list
    ids: list
    total: object
    cursor: object
    """`next_cursor`, as it came."""
    reply: object


class Directory:
    """The user directory under examination, and the admin who asks it."""

    def __init__(self, app, db, draw, shared):
        self.app, self.db, self.draw, self.shared = app, db, draw, shared
        self.admin, self.token = self._admin()

    # -- rows ------------------------------------------------------------------------------

    def _admin(self):
        """The id and the token of an admin whose row and session are there."""
        number, token = self.shared.get("admin", (0, ""))
        found = self.db.rows(
            "SELECT 1 AS x FROM users JOIN sessions ON user_id = users.id WHERE users.id = %s "
            "AND active AND role = 'admin' AND token_hash = %s",
            [number, hash_of(token)],
        )
        if not found:
            number, token = self.signed_in("admin")
            self.shared["admin"] = number, token
        return number, token

    def signed_in(self, role, **columns):
        """The id and the token of a new user of that role."""
        number = self.user(role=role, **columns)
        return number, self.session(number)

    def session(self, number):
        """The token of a new session of a user."""
        token = f"{self.draw.word(24)}-{self.draw.word(8).upper()}_{self.draw.integer(100, 999)}"
        self.db.write(
            "INSERT INTO sessions (token_hash, user_id) VALUES (%s, %s)", [hash_of(token), number]
        )
        return token

    def row_of(self, **columns):
        """The columns of a user whom the grader puts in."""
        return {
            "email": self.email(),
            "name": self.draw.word(9),
            "role": "member",
            "active": True,
            "note": "",
            "created_at": BEGINNING + timedelta(microseconds=self.draw.integer(0, 10**13)),
        } | columns

    def email(self):
        """An address in small letters that nobody has."""
        return f"{self.draw.word(9)}{self.draw.integer(100, 999)}@{self.draw.word(8)}.example"

    def user(self, **columns):
        """The id of a user whom the grader puts in."""
        return self.users([columns])[0]

    def users(self, many):
        """The ids of several, in their order."""
        rows = [self.row_of(**columns) for columns in many]
        kinds = ", ".join(f"%s::{kind}[]" for kind in TYPES)
        names = ", ".join(COLUMNS)
        self.db.write(
            f"INSERT INTO users ({names}) SELECT {names} FROM unnest({kinds}) AS t ({names})",
            [[row[name] for row in rows] for name in COLUMNS],
        )
        found = self.db.rows(
            "SELECT id, email FROM users WHERE email = ANY (%s)", [[row["email"] for row in rows]]
        )
        numbers = {one["email"]: one["id"] for one in found}
        if any(row["email"] not in numbers for row in rows):
            pytest.fail("Users whom the grader adds to the table users are not there afterwards.")
        return [numbers[row["email"]] for row in rows]

    def clear(self):
        """Delete all users but the admin."""
        clear(self.db, self.shared)

    def crowd(self):
        """The rows of 5,000 users and the admin, by id; made once for all tests that only read.

        Each name ends with one of four `clans`, which `q` can find.
        """
        if self.shared.get("holds") != "crowd":
            self.clear()
            draw = self.draw
            clans = [draw.word(7) for _ in range(4)]
            names = [draw.word(4) + clans[at % 4] for at in range(CROWD // 12)]
            moments = [BEGINNING + timedelta(minutes=draw.integer(0, 10**6)) for _ in range(90)]
            self.users([
                {
                    "email": f"{draw.word(5)}{number}@{draw.word(5)}.example",
                    "name": draw.choice(names),
                    "role": draw.choice(["member", "member", "member", "viewer", "admin"]),
                    "active": draw.integer(1, 4) > 1,
                    "created_at": draw.choice(moments) + timedelta(microseconds=number % 4),
                }
                for number in range(CROWD)
            ])  # fmt: skip
            self.shared["holds"] = "crowd"
            self.shared["clans"] = clans
        return self.rows()

    def heavy(self):
        """Have the table hold so many long notes that no app can keep them in its memory."""
        if self.shared.get("holds") == "heavy":
            return
        self.clear()
        text = f"{self.draw.word(7)} "
        first = self.user(note=text * (NOTE // len(text)))
        word, share = self.draw.word(6), HEAVY // 3
        for start in (0, share, 2 * share):
            # the note is copied as it is packed, which takes no time
            self.db.write(
                "INSERT INTO users (email, name, note) SELECT %s::text || n || '@heavy.example', "
                "%s::text || n %% 50, users.note FROM users, "
                "generate_series(%s::int, %s::int) AS n WHERE users.id = %s",
                [word, word, start + 1, start + share, first],
            )
        self.shared["holds"] = "heavy"

    def row(self, number):
        """The row of a user, its seven fields; None where there is none."""
        sql = f"SELECT {', '.join(FIELDS)} FROM users WHERE id = %s"
        return next(iter(self.db.rows(sql, [number])), None)

    def rows(self, order="id"):
        """All rows; `order` is SQL of the grader's."""
        return self.db.rows(f"SELECT {', '.join(FIELDS)} FROM users ORDER BY {order}")

    def ordered(self, sort):
        """All ids as a value of `sort` has them in order, by PostgreSQL itself."""
        column, way = sort.removeprefix("-"), "DESC" if sort.startswith("-") else "ASC"
        found = self.db.rows(f"SELECT id FROM users ORDER BY {column} {way}, id")
        return [one["id"] for one in found]

    def owners(self, email):
        """The ids of the users with that address, whatever its case."""
        sql = "SELECT id FROM users WHERE lower(email::text) = lower(%s::text) ORDER BY id"
        return [one["id"] for one in self.db.rows(sql, [email])]

    def hash(self, number):
        """The password_hash of a user."""
        return self.db.value("SELECT password_hash FROM users WHERE id = %s", [number])

    def set(self, number, **columns):
        """Change the row of a user."""
        for name, value in columns.items():
            self.db.write(f"UPDATE users SET {name} = %s WHERE id = %s", [value, number])

    # -- requests --------------------------------------------------------------------------

    def call(self, method, path, token=None, **options):
        """The answer to a request of the admin's, or of who has `token`."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        headers |= options.pop("headers", None) or {}
        return self.app.request(method, path, headers=headers, **options)

    def get(self, path, token=None, **params):
        """The answer to a GET with `params` as its query."""
        return self.call("GET", path, token, params=params)

    def post(self, body, token=None):
        """The answer to POST of a user."""
        return self.call("POST", "/users", token, json=body)

    def patch(self, number, body, token=None):
        """The answer to PATCH of a user."""
        return self.call("PATCH", f"/users/{number}", token, json=body)

    def body(self, **fields):
        """A user as a client sends it."""
        return {"email": self.email(), "name": self.draw.name()} | fields

    def added(self, **fields):
        """The id of a user who is added through the app, whatever else it answers."""
        body = self.body(**fields)
        reply = self.post(body)
        found = self.owners(body["email"])
        if not 200 <= reply.status < 300 or len(found) != 1:
            reply.fail(f"This user can be added; it was answered {reply.status}.")
        return found[0]

    def log_in(self, email, password):
        """The answer to a log-in."""
        return self.app.post("/login", json={"email": email, "password": password})

    # -- lists -----------------------------------------------------------------------------

    def page(self, **params):
        """A page of the list, its form checked."""
        reply = self.get("/users", **params)
        if reply.status != 200:
            reply.fail(f"This list should be answered with 200, not {reply.status}.")
        body = reply.json(dict, labelled=False)
        items = body.get("items")
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            reply.fail("`items` should be a list of objects.")
        ids = [one.get("id") for one in items]
        if any(type(one) is not int for one in ids):
            reply.fail("Each of the items should have its `id`, a whole number.")
        return Page(items, ids, body.get("total"), body.get("next_cursor", 0), reply)

    def walk(self, between=lambda ids: None, most=60, **params):
        """The ids of every page by cursors, in lists; `between` is told of each page."""
        pages, cursor = [], None
        while True:
            page = self.page(**params, **({"cursor": cursor} if cursor is not None else {}))
            pages.append(page.ids)
            cursor = page.cursor
            if cursor is None:
                return pages
            require_cursor(page)
            params.pop("offset", None)
            if len(pages) > most:
                page.reply.fail(f"The pages do not end: after {most} there is still another.")
            between(page.ids)

    # -- the export ------------------------------------------------------------------------

    def begin_export(self, what):
        """Read the first 4 MiB of an export that is far larger, and close the connection."""
        try:
            reply = self.get("/users.csv")
        except (AppTimeout, AppUnreachable) as lost:
            said = f"{what} {lost}"
            raise type(lost)(said, lost.exchange) from lost
        except Mismatch as lost:
            if str(lost).startswith(TOO_LONG):
                return
            raise
        reply.fail(
            f"{what} It was answered with {reply.status} and {len(reply.body)} bytes, where more "
            "than 4 MiB should come."
        )


def clear(db, shared):
    """Delete all users but the admin."""
    shared["holds"] = ""
    number = shared["admin"][0]
    db.write("DELETE FROM sessions WHERE user_id <> %s", [number])
    db.write("DELETE FROM users WHERE id <> %s", [number])


def hash_of(token):
    """What stands in `sessions` for a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@pytest.fixture(scope="session")
def shared():
    """What one test leaves for the next: the admin, and what the table holds."""
    return {}


@pytest.fixture
def directory(app, db, draw, shared):
    """The directory, with an admin who is signed in."""
    yield Directory(app, db, draw, shared)
    if shared.get("holds") == "heavy":  # which no other test could read
        with suppress(Mismatch):
            clear(db, shared)
