"""What the tests of the blog share: rows of the grader's own, requests, how answers are looked at.

Nothing that an app answers may crash a test, so every value is looked at before it is used. What
one criterion examines costs no other one: tests put in rows by themselves where they can, and only
the criterion in question is strict about what the app writes.
"""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from steps import Steps, nothing_yet
from tables import find_links, read_schema

from grader.exam.faults import Mismatch

LATE = datetime(2036, 1, 1)
"""Posts of that time are newer than all that the app writes."""
UNKNOWN = 2_000_000_011
"""An id that nothing has, and that every type for ids holds."""
OUT_OF_TIME = {1205, 1317, 3024}
"""MySQL's errors for a lock not had in time, and for a statement that was broken off."""
POST = "INSERT INTO posts (author_id, title, body, created_at, slug) VALUES "
COMMENT = "INSERT INTO comments (post_id, author_id, body, created_at) VALUES "


def is_count(value):
    """Whether a value of JSON is a whole number from 0, and no `true`."""
    return type(value) is int and value >= 0


class Blog:
    """The blog under examination, in the newest schema."""

    def __init__(self, app, db, draw, past):
        self.app = app
        self.db = db
        self.draw = draw
        self._past = past

    # -- what the grader puts in -----------------------------------------------------------

    def name(self):
        """A name that nobody has."""
        return f"{self.draw.word(6).title()} {self.draw.word(8).title()}"

    def slug(self):
        """A slug that no post has."""
        return f"{self.draw.word(7)}-{self.draw.integer(10**5, 10**6 - 1)}-{self.draw.word(5)}"

    def tag(self):
        """A tag that no post has."""
        return f"{self.draw.word(9)}{self.draw.integer(10, 99)}"

    def later(self):
        """A moment that is later than all of before, in this test as in others."""
        self._past.hours += 1
        return LATE + timedelta(hours=self._past.hours)

    def user(self, name=None):
        """The id of a new user."""
        return self.db.write("INSERT INTO users (name) VALUES (%s)", [name or self.name()])

    def first_user(self):
        """Have a user with the id 1."""
        if not self.count("users", id=1):
            self.db.write("INSERT INTO users (id, name) VALUES (1, %s)", [self.name()])

    def post(self, author=None, at=None):
        """A new post."""
        made = SimpleNamespace(
            author=author or self.user(), title=self.draw.sentence()[:120],
            body=self.draw.sentence(), at=at or datetime(2024, 5, 17, 12, 30), slug=self.slug(),
        )  # fmt: skip
        values = [made.author, made.title, made.body, made.at, made.slug]
        made.id = self.db.write(f"{POST}(%s, %s, %s, %s, %s)", values)
        return made

    def comment(self, post, author=None, at=None):
        """A new comment on a post."""
        made = SimpleNamespace(
            author=author or self.user(), body=self.draw.sentence(),
            at=at or datetime(2024, 6, 2, 9, 15),
        )  # fmt: skip
        values = [post.id, made.author, made.body, made.at]
        made.id = self.db.write(f"{COMMENT}(%s, %s, %s, %s)", values)
        return made

    def users(self, count):
        """The ids of so many new users, the lowest first."""
        word = self.draw.word(12)
        names = [f"{word} {number}" for number in range(count)]
        self.db.write(f"INSERT INTO users (name) VALUES {', '.join(['(%s)'] * count)}", names)
        found = self.db.rows("SELECT id FROM users WHERE name LIKE %s ORDER BY id", [f"{word} %"])
        return [row["id"] for row in found]

    def posts(self, authors):
        """The slugs of new posts, one by each author, the newest last."""
        values, slugs = [], []
        for author in authors:
            slugs.append(self.slug())
            values += [author, self.draw.word(20), self.draw.word(30), self.later(), slugs[-1]]
        self.db.write(POST + ", ".join(["(%s, %s, %s, %s, %s)"] * len(slugs)), values)
        return slugs

    def comments(self, post, authors):
        """New comments on a post, one by each author."""
        values = []
        for author in authors:
            values += [post.id, author, self.draw.word(30), datetime(2024, 6, 2, 9, 15)]
        self.db.write(COMMENT + ", ".join(["(%s, %s, %s, %s)"] * len(authors)), values)

    # -- what stands in the tables ---------------------------------------------------------

    def count(self, table, **columns):
        """How many rows of a table have these values."""
        where = " AND ".join(f"{name} = %s" for name in columns) or "TRUE"
        sql = f"SELECT COUNT(*) FROM {table} WHERE {where}"
        return self.db.value(sql, list(columns.values()))

    def counts(self):
        """How many rows the three tables have."""
        return tuple(self.count(table) for table in ("users", "posts", "comments"))

    def links(self):
        """The tables of the tags; None where posts and tags are not linked by foreign keys."""
        return find_links(read_schema(self.db))

    def linked(self, post):
        """How many links a post has; 0 where no table links posts."""
        found = self.links()
        return self.count(f"`{found.table}`", **{f"`{found.post}`": post.id}) if found else 0

    def refusal(self, sql, *args):
        """The number of the error that MySQL refuses a statement with; 0 where it does not."""
        try:
            self.db.write(sql, list(args))
        except Mismatch as error:
            cause = error.__cause__
            number = cause.args[0] if cause is not None and cause.args else None
            if type(number) is int and number not in OUT_OF_TIME:
                return number
            raise
        return 0

    # -- what the app does -----------------------------------------------------------------

    def valid(self, **changed):
        """A post, all of it right, with `changed` in the place of it."""
        values = {
            "author_id": changed["author_id"] if "author_id" in changed else self.user(),
            "title": self.draw.sentence()[:120],
            "body": f"{self.draw.sentence()} {self.draw.word(14)}",
            "slug": self.slug(),
        }
        return values | changed

    def send(self, values):
        """The answer to a post that is sent; a field that is `...` is left out."""
        body = {name: value for name, value in values.items() if value is not ...}
        return self.app.post("/posts", json=body)

    def read(self, slug):
        """A post as GET /posts/{slug} answers it."""
        return self.app.get(f"/posts/{slug}").expect(200).json(dict, labelled=False)

    def listed(self, **parameters):
        """The items of GET /posts, each an object, and the answer."""
        params = {name: str(value) for name, value in parameters.items()}
        reply = self.app.get("/posts", params=params).expect(200)
        return self.items(reply), reply

    def items(self, reply):
        """The items of a list, each of which has to be an object."""
        items = reply.json(dict, labelled=False).get("items")
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            reply.fail("`items` should be a list of objects.")
        return items

    def tagged(self, post, *tags):
        """Give a post these tags; fails where the app does not take them."""
        reply = self.app.put(f"/posts/{post.slug}/tags", json={"tags": list(tags)})
        if not 200 <= reply.status < 300:
            reply.fail(f"Tags that are right should be taken, not answered with {reply.status}.")
        return reply

    def tags(self):
        """What GET /tags says: each name with the number of its posts."""
        reply = self.app.get("/tags").expect(200)
        return {str(one.get("name")): one.get("posts") for one in self.items(reply)}


@pytest.fixture(scope="session")
def past():
    """What was done with the database, and what one test leaves for the next."""
    return SimpleNamespace(**nothing_yet())


@pytest.fixture
def steps(app, db, draw, past):
    """The migrations."""
    return Steps(app, db, draw, past)


@pytest.fixture
def blog(app, db, draw, past, steps):
    """The blog, once the database has the newest schema."""
    steps.upgrade()
    return Blog(app, db, draw, past)


@pytest.fixture(scope="session")
def refused():
    """A function that fails unless an answer has the status of an error."""

    def check(reply, status, what):
        if reply.status != status:
            reply.fail(f"{what} should be answered with {status}, not {reply.status}.")
        return reply

    return check
