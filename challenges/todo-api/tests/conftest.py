"""What the tests of the todo API share: making todos, reading them, and looking at errors.

Nothing that an app answers may crash a test, so every value is looked at before it is used.
"""

import re
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

import pytest

MAX_TITLE = 120
FIELDS = ("id", "title", "description", "done", "due_date", "created_at")
INTERNALS = (
    "Traceback (most recent call last)",
    "site-packages",
    "pymysql.err",
    "sqlalchemy.exc",
    "mysql.connector",
    "Can't connect to MySQL server on",
    "Data too long for column",
    "Out of range value for column",
    " at row 1",
    "You have an error in your SQL syntax",
)
"""What no error shows: of Python, and of MySQL's drivers."""
LARGEST_ID = 2**63
"""No column of MySQL's counts further, and arithmetic on larger numbers could crash a test."""
LONGEST_ID = 30
"""Characters; MySQL itself refuses a number of some hundred digits."""


def is_count(value):
    """Whether `value` is a JSON integer from 0; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST_ID


@dataclass(frozen=True)
class Page:
    """One page of GET /todos, its form already checked."""

    items: list
    number: int
    per_page: int
    total: int

    @property
    def ids(self):
        """The ids of its todos, in order."""
        return [item["id"] for item in self.items]


@dataclass(frozen=True)
class Stocked:
    """A todo with texts at the edges of what is allowed."""

    number: int
    """Its id; 0 where the app has refused it, which one criterion looks at."""
    fields: dict
    """What was sent: title and description."""
    why: dict
    """What is special about each of them."""
    reply: object
    """What POST answered."""


class Todos:
    """The todo list of the app under examination."""

    def __init__(self, app, draw, stock):
        self._app = app
        self._draw = draw
        self._stock = stock

    def tag(self):
        """A word that no other todo has."""
        return f"{self._draw.word()}{self._draw.integer(10**8, 10**9 - 1)}"

    def title(self):
        """A title that no other todo has."""
        return f"{self._draw.word().capitalize()} {self.tag()}"

    def post(self, **fields):
        """Send a new todo, with a title of its own unless one is given; gives the answer.

        Any 2xx will do here: the status has a criterion of its own.
        """
        fields.setdefault("title", self.title())
        reply = self._app.post("/todos", json=fields)
        if not 200 <= reply.status < 300:
            reply.fail(f"This todo is valid, but POST /todos answered {reply.status}.")
        return reply

    def make(self, **fields):
        """Create a todo; gives its `id` and `title`, whatever else POST answered.

        What POST has to answer with has criteria of its own: the id is taken from the answer, from
        Location, or from the list.
        """
        fields.setdefault("title", self.title())
        reply = self.post(**fields)
        return {"id": self._id_of(reply, fields["title"]), "title": fields["title"]}

    def _id_of(self, reply, title):
        try:
            answered = reply.json(labelled=False)
        except AssertionError:
            answered = None
        if isinstance(answered, dict) and is_count(answered.get("id")):
            return answered["id"]
        if found := re.search(r"/todos/([0-9]{1,19})/?$", reply.headers.get("Location", "")):
            return int(found[1])
        listed = [item["id"] for item in self.page().items if item.get("title") == title]
        if not listed:
            reply.fail(
                "The new todo cannot be found: its id is neither in the answer nor in Location, "
                "and the list does not begin with it."
            )
        return listed[0]

    def stock(self):
        """Todos with texts at the edges, made once for all tests; see `Stocked`."""
        if not self._stock:
            for (title, why), (description, other) in pairs(self._draw):
                fields = {"title": title, "description": description}
                reply = self._app.post("/todos", json=fields)
                made = 200 <= reply.status < 300
                number = self._id_of(reply, title) if made else 0
                kinds = {"title": why, "description": other}
                self._stock.append(Stocked(number, fields, kinds, reply))
        return self._stock

    def stocked(self):
        """Those of `stock` that the app has taken."""
        return [one for one in self.stock() if one.number]

    def listed(self):
        """The newest todos by their ids; nothing where the list is wrong, which has criteria."""
        try:
            return {item["id"]: item for item in self.page(per_page=100).items}
        except AssertionError:
            return {}

    def read(self, todo_id):
        """The todo of that id, by GET."""
        return self._app.get(f"/todos/{todo_id}").expect(200).json(dict)

    def page(self, **params):
        """A page of the list, its form checked."""
        body = self._app.get("/todos", params=params).expect(200).json(dict)
        items = body["items"]
        assert isinstance(items, list), "items has to be a list."
        for item in items:
            assert isinstance(item, dict), "Every one of the items has to be an object."
            assert is_count(item.get("id")), "Every one of the items needs its integer id."
        for name in ("page", "per_page", "total"):
            assert is_count(body[name]), f"{name} has to be an integer, and not negative."
        return Page(list(items), body["page"], body["per_page"], body["total"])


def edge_texts(draw):
    """Texts at the edges of what a title is; each of them is a description as well."""
    word = draw.word()
    return [
        (f"{word}\0{word} \x07\x1b[1m{word}\x7f", "characters of control, NUL among them"),
        *draw.edge_texts(MAX_TITLE),
    ]


def pairs(draw, last="\U0010ffff"):
    """Each kind of `edge_texts` once as a title and once as a description, not of one todo.

    Those with characters behind `last` are left out.
    """
    titles, descriptions = (
        [case for case in edge_texts(draw) if max(case[0]) <= last] for _ in range(2)
    )
    first = draw.integer(1, len(titles) - 1)
    return list(zip(titles, [*descriptions[first:], *descriptions[:first]], strict=True))


def of_a_todo(value):
    """The fields that every todo has; whatever else an app answers is its own affair."""
    return {name: value.get(name) for name in FIELDS}


@pytest.fixture(scope="session")
def fields_of():
    """A function that leaves those fields of a todo's object that the brief names."""
    return of_a_todo


@pytest.fixture(scope="session")
def stock():
    """What `Todos.stock` has made."""
    return []


@pytest.fixture
def todos(app, draw, stock):
    """The app's todo list."""
    return Todos(app, draw, stock)


@pytest.fixture(scope="session")
def unknown_ids():
    """A function that gives parts of a path that are no todo's id, encoded, each with why."""

    def parts(draw, known, *, numbers=False):
        cases = [case for case in draw.bad_ids(known) if len(case.value) < LONGEST_ID]
        if numbers:  # the largest two, and zero
            cases = [case for case in cases if case.value.isdigit()]
            cases = [cases[0], *cases[-2:]]
        else:
            cases.append(("\u00b2", "a superscript digit"))  # isdigit() takes it, int() does not
        return [(quote(value, safe=""), why) for value, why in cases]

    return parts


@pytest.fixture
def error_of():
    """A function that gives the object of an error, of one of `statuses` (any 4xx by default)."""

    def check(reply, *statuses):
        if not statuses and not 400 <= reply.status < 500:
            reply.fail(f"It has to be answered with a status from 400 to 499, not {reply.status}.")
        error = (reply.expect(*statuses) if statuses else reply).json(dict)
        leak = next((text for text in INTERNALS if text in reply.text), None)
        assert leak is None, f"An error has to keep internals to itself; this one shows {leak!r}."
        message = error["error"]
        good = isinstance(message, str) and message.strip()
        assert good, 'An error has a sentence under "error" that says what is wrong.'
        return error

    return check


@pytest.fixture
def plain_pairs(draw):
    """Titles with descriptions at the edges, each with why; emoji have a criterion of their own."""
    return pairs(draw, "\uffff")


OTHER_COLUMNS = """
SELECT TABLE_NAME AS t, COLUMN_NAME AS c, DATA_TYPE AS k FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = %s AND (DATA_TYPE = 'json' OR DATA_TYPE LIKE '%%blob' OR DATA_TYPE LIKE
'%%binary')
"""


def beside_text(db, text):
    """A sentence where a column that is none of text holds `text` as a part; empty where none."""
    tables = set(db.tables())  # a view may show what is stored nowhere
    found = [row for row in db.rows(OTHER_COLUMNS, [db.name]) if row["t"] in tables]
    for row in found[:50]:
        table, column = (str(row[key]).replace("`", "``") for key in ("t", "c"))
        sql = f"SELECT MAX(LOCATE(CAST(%s AS BINARY), CAST(`{column}` AS BINARY))) FROM `{table}`"
        if db.value(sql, [text]):
            kind = "JSON" if row["k"] == "json" else str(row["k"]).upper()
            return (
                f" It is a part of {row['t']}.{row['c']}, a column of {kind}: store it as it is, "
                "in a column of VARCHAR or TEXT."
            )
    return ""


@pytest.fixture
def elsewhere(db):
    """A function that says in which column, none of text, a text stands; empty where in none."""
    return partial(beside_text, db)
