"""The migrations, each of which runs once; several tests look at what it has come to.

The database cannot be cleared by the grader, so the order is fixed: an empty database, the first
schema with rows, the newest schema, which all other tests use, and at the end the way back.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from tables import TABLES, read_schema

from grader.exam.faults import Mismatch

SECONDS = 60
"""What a migration may take, on any machine."""
ROWS = {
    "users": "SELECT id, name FROM users ORDER BY id",
    "posts": "SELECT id, author_id, title, body, created_at FROM posts ORDER BY id",
    "comments": "SELECT id, post_id, author_id, body, created_at FROM comments ORDER BY id",
}
INSERT = {
    "users": "INSERT INTO users (id, name) VALUES (%s, %s)",
    "posts": (
        "INSERT INTO posts (id, author_id, title, body, created_at) VALUES (%s, %s, %s, %s, %s)"
    ),
    "comments": (
        "INSERT INTO comments (id, post_id, author_id, body, created_at) "
        "VALUES (%s, %s, %s, %s, %s)"
    ),
}


class Attempt:
    """A command `migrate` that was run, or that could not be."""

    def __init__(self, app, *arguments, **options):
        self.ran = self.lost = None
        self.name = " ".join(("migrate", *arguments))
        try:
            self.ran = app.run(["migrate", *arguments], within=SECONDS, **options)
        except Mismatch as error:
            self.lost = error

    def done(self):
        """Fail unless it has ended with exit code 0."""
        if self.lost is not None:
            raise self.lost
        self.ran.expect(0)

    def fail(self, message):
        """Fail with `message`, this command being the evidence."""
        self.done()
        self.ran.fail(message)


class OldRows:
    """Rows of the first schema: those that stay, and those that refer to nothing."""

    def __init__(self, draw):
        self.users, self.posts, self.comments = [], [], []
        self.lost_posts, self.lost_comments = [], []
        ada, bob, eve, gone = draw.sample(list(range(11, 900)), 4)
        for number in (ada, bob, eve):
            self.users.append((number, f"{draw.word(6).title()} O'{draw.word(7).title()} é🐢"))
        self._at = datetime(2019, 1, 1) + timedelta(minutes=draw.integer(0, 10**6))
        numbers = draw.sample(list(range(11, 900)), 7)
        title = draw.sentence()[:100]
        odd = f"100% '{draw.word()}' 🐍 \\ {draw.unicode()}"[:110]
        titles = (title, title, odd, draw.word())
        for number, author, text in zip(numbers[:4], (ada, bob, ada, bob), titles, strict=True):
            self.posts.append((number, author, text, self._body(draw), self._next(draw)))
        nobodys, never = numbers[4:6]
        self.lost_posts.append((nobodys, gone, draw.word(), self._body(draw), self._next(draw)))
        first, second = numbers[:2]
        numbers = iter(draw.sample(list(range(11, 900)), 9))
        for post, author in ((first, bob), (first, eve), (second, ada), (first, ada)):
            self.comments.append(self._comment(draw, next(numbers), post, author))
        for post, author in ((nobodys, ada), (never, bob), (second, gone)):
            self.lost_comments.append(self._comment(draw, next(numbers), post, author))

    def _comment(self, draw, number, post, author):
        return (number, post, author, f"{draw.sentence()} <&> '%s' 🐢", self._next(draw))

    def _body(self, draw):
        return f"{draw.sentence()}\n\n{draw.unicode()} 'quoted' 100% {draw.text(300)}"

    def _next(self, draw):
        self._at += timedelta(seconds=draw.integer(1, 10**5))
        return self._at

    def kept(self, table):
        """The rows of a table that the upgrade keeps, by id."""
        return {row[0]: row for row in getattr(self, table)}


class Steps:
    """What has been done with the database so far, and what was found."""

    def __init__(self, app, db, draw, past):
        self._app = app
        self._db = db
        self._draw = draw
        self.past = past

    def begin(self):
        """The tables that were there before the first migration."""
        past = self.past
        if past.fresh is None:
            past.fresh = tuple(self._db.tables())
            if past.fresh:  # so that it costs no more than the criterion about it
                Attempt(self._app, "downgrade", "base")
        return past.fresh

    def first(self):
        """`migrate upgrade first` in an empty database."""
        past = self.past
        if past.first is None:
            self.begin()
            attempt = Attempt(self._app, "upgrade", "first")
            past.first_schema = read_schema(self._db)
            past.first = attempt
        return past.first

    def upgrade(self):
        """`migrate upgrade`, once there are rows in the first schema."""
        past = self.past
        if past.upgrade is None:
            self.first()
            past.old = OldRows(self._draw)
            past.refused = self._put_in("users", "posts", "comments")
            past.orphans_refused = self._put_in("lost_posts", "lost_comments")
            attempt = Attempt(self._app, "upgrade")
            past.newest_schema = read_schema(self._db)
            past.rows = {table: self.rows(table) for table in TABLES}
            past.slugs = self._slugs()
            self._renew()
            past.upgrade = attempt
        return past.upgrade

    def downgrade(self):
        """`migrate downgrade first`, with all rows that there are by then."""
        past = self.past
        if past.downgrade is None:
            self.upgrade()
            with suppress(Mismatch):
                self._app.restart()
            past.before = {table: self.rows(table) for table in TABLES}
            attempt = Attempt(self._app, "downgrade", "first")
            past.down_schema = read_schema(self._db)
            past.down = {table: self.rows(table) for table in TABLES}
            past.downgrade = attempt
        return past.downgrade

    def again(self):
        """`migrate upgrade` after that, and once more."""
        past = self.past
        if past.again is None:
            self.downgrade()
            attempt = Attempt(self._app, "upgrade")
            past.again_schema = read_schema(self._db)
            past.twice = Attempt(self._app, "upgrade")
            past.twice_schema = read_schema(self._db)
            past.again_rows = {table: self.rows(table) for table in TABLES}
            self._renew()
            past.again = attempt
        return past.again

    def empty(self):
        """`migrate downgrade base`, and `migrate upgrade` in the database that is then empty."""
        past = self.past
        if past.empty is None:
            self.again()
            with suppress(Mismatch):
                self._app.restart()
            past.base = Attempt(self._app, "downgrade", "base")
            past.base_schema = read_schema(self._db)
            attempt = Attempt(self._app, "upgrade")
            past.empty_schema = read_schema(self._db)
            self._renew()
            past.empty = attempt
        return past.empty

    def rows(self, table):
        """The rows of a table by id; the failure where it cannot be read."""
        found = self._read(ROWS[table])
        if isinstance(found, Mismatch):
            return found
        return {row["id"]: tuple(row.values()) for row in found}

    def _put_in(self, *kinds):
        """Put old rows in; gives the failure where MySQL refuses one."""
        for kind in kinds:
            for row in getattr(self.past.old, kind):
                try:
                    self._db.write(INSERT[kind.removeprefix("lost_")], list(row))
                except Mismatch as error:
                    return error
        return None

    def _slugs(self):
        """The slug of each post by id; the failure where there are none."""
        found = self._read("SELECT id, slug FROM posts")
        return found if isinstance(found, Mismatch) else {one["id"]: one["slug"] for one in found}

    def _read(self, sql):
        try:
            return self._db.rows(sql)
        except Mismatch as error:
            return error

    def _renew(self):
        """Start the app again after a migration; what is asked of it next says if it cannot."""
        with suppress(Mismatch):
            self._app.recreate()


def held(found):
    """What was found, where it was; fails where it could not be read."""
    if isinstance(found, Mismatch):
        raise found
    return found


def require_same_rows(attempt, before, after, kind):
    """Fail unless each row of `before` is there `after` a migration as it was."""
    missing = sorted(set(held(before)) - set(held(after)))
    if missing:
        attempt.fail(
            f"After `{attempt.name}` {len(missing)} of {len(before)} rows of {kind} are gone: "
            f"the one with the id {missing[0]}, say."
        )
    for number, row in before.items():
        if after[number] != row:
            attempt.fail(
                f"After `{attempt.name}` the row {number} of {kind} is {str(after[number])[:200]}; "
                f"it was {str(row)[:200]}."
            )


def sound(rows):
    """The rows that refer to something: an upgrade deletes the other ones, if there are any."""
    users = held(rows["users"])
    posts = {number: row for number, row in held(rows["posts"]).items() if row[1] in users}
    comments = {
        number: row
        for number, row in held(rows["comments"]).items()
        if row[1] in posts and row[2] in users
    }
    return {"users": users, "posts": posts, "comments": comments}


def nothing_yet():
    """What is known before the first test."""
    names = ("fresh", "first", "upgrade", "downgrade", "again", "empty", "counts")
    return dict.fromkeys(names) | {"hours": 0}
