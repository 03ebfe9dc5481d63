"""What the tests of the todo API share: making todos, reading them, and looking at errors.

Nothing that an app answers may crash a test, so every value is looked at before it is used.
"""

from dataclasses import dataclass

import pytest

LARGEST_ID = 2**63
"""No column of MySQL's counts further, and arithmetic on larger numbers could crash a test."""


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


class Todos:
    """The todo list of the app under examination."""

    def __init__(self, app, draw):
        self._app = app
        self._draw = draw

    def tag(self):
        """A word that no other todo has."""
        return f"{self._draw.word()}{self._draw.integer(10**8, 10**9 - 1)}"

    def title(self):
        """A title that no other todo has."""
        return f"{self._draw.word().capitalize()} {self.tag()}"

    def make(self, **fields):
        """Create a todo, with a title of its own unless one is given; gives the answer's object.

        Any 2xx will do here: the status has a criterion of its own.
        """
        fields.setdefault("title", self.title())
        reply = self._app.post("/todos", json=fields)
        if not 200 <= reply.status < 300:
            reply.fail(f"This todo is valid, but POST /todos answered {reply.status}.")
        todo = reply.json(dict)
        assert is_count(todo["id"]), "The new todo's id has to be a positive integer."
        assert todo["title"] == fields["title"], "The new todo has another title than was sent."
        return todo

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


@pytest.fixture
def todos(app, draw):
    """The app's todo list."""
    return Todos(app, draw)


@pytest.fixture
def error_of():
    """A function that gives the object of an error, of one of `statuses` (any 4xx by default)."""

    def check(reply, *statuses):
        if not statuses and not 400 <= reply.status < 500:
            reply.fail(f"It has to be answered with a status from 400 to 499, not {reply.status}.")
        error = (reply.expect(*statuses) if statuses else reply).json(dict)
        message = error["error"]
        good = isinstance(message, str) and message.strip()
        assert good, 'An error has a sentence under "error" that says what is wrong.'
        return error

    return check
