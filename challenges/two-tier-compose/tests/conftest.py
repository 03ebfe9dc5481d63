"""What the tests of the message board share: posting messages, reading them, using the page.

Nothing that an app answers may crash a test, so every value is looked at before it is used.
"""

import re
from dataclasses import dataclass
from functools import partial

import pytest

LARGEST_ID = 2**63
"""No column of MySQL's counts further, and arithmetic on larger numbers could crash a test."""
SECRET = re.compile(
    r"(^|_)(pass|passwd|passphrase|pw|pwd|secrets?|tokens?|credentials?)(_|$)|passw(or)?d"
    r"|(api|app|access|encryption|flask|jwt|private|secret|session|signing)_?key",
    re.IGNORECASE,
)
"""In the name of a variable that holds a secret."""
ABOUT = re.compile(r"(^|_)(empty|file|name|path|public|random)(_|$)", re.IGNORECASE)
"""In the name of one that says where a secret is, or whether there is one."""


def is_count(value):
    """Whether `value` is a JSON integer from 0; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST_ID


def number_of(value):
    """The positive integer that an id is, of a text of digits as well; 0 where it is none."""
    if isinstance(value, str) and re.fullmatch("[0-9]{1,19}", value):
        value = int(value)
    return value if is_count(value) else 0


def object_of(reply):
    """The JSON object that an answer is; an empty one where it is none."""
    try:
        value = reply.json(labelled=False)
    except AssertionError:
        return {}
    return value if isinstance(value, dict) else {}


def form_of(page):
    """The form for a new message; fails where there is none."""
    for form in page.forms:
        asks = form.method == "POST" and {"author", "text"} <= {*form.fields}
        if asks and form.action.partition("?")[0] == "/messages":
            return form
    return page.fail(
        "The page has no form that posts to /messages and has fields named author and text."
    )


@dataclass
class Message:
    """A message that the app has taken, whatever it answered."""

    id: int
    """From the answer, from Location or from the list; 0 where it is in none of them."""
    author: str
    text: str
    by_id: bool | None = None
    """Whether its own path answers it, as the first reading has shown."""

    def is_in(self, found):
        """Whether `found`, an object of the app's, has its author and text."""
        return (found.get("author"), found.get("text")) == (self.author, self.text)


@dataclass(frozen=True)
class Listing:
    """What GET /api/messages answers, its form already checked."""

    items: list
    total: int

    @property
    def ids(self):
        """The ids of its messages, in order."""
        return [number_of(item["id"]) for item in self.items]


class Board:
    """The message board of the app under examination."""

    def __init__(self, app, draw):
        self._app = app
        self._draw = draw

    def author(self):
        """A name that no other message has."""
        return self._draw.name()

    def text(self):
        """A text that no other message has."""
        return f"{self._draw.sentence()} {self._draw.integer(10**8, 10**9 - 1)}."

    def send(self, **fields):
        """Post a message as JSON, with a new author and text unless they are given.

        Gives what was sent and the answer. Any 2xx will do here: the status has a criterion of its
        own.
        """
        sent = {"author": self.author(), "text": self.text()} | fields
        reply = self._app.post("/api/messages", json=sent)
        if not 200 <= reply.status < 300:
            reply.fail(f"This message is valid, but POST /api/messages answered {reply.status}.")
        return sent, reply

    def post(self, **fields):
        """Post a message as `send` does; gives the `Message`, whatever else POST answered."""
        return self.message(*self.send(**fields))

    def message(self, sent, reply):
        """The `Message` that was made of `sent`.

        What POST has to answer with has criteria of its own: the id is taken from the answer, from
        Location, or from the list.
        """
        message = Message(number_of(object_of(reply).get("id")), sent["author"], sent["text"])
        location = reply.headers.get("Location", "")
        if not message.id and (found := re.search(r"/api/messages/([0-9]{1,19})/?$", location)):
            message.id = int(found[1])
        if not message.id:
            listed = [item.get("id") for item in self.newest() if message.is_in(item)]
            message.id = number_of(listed[0]) if listed else 0
        return message

    def read(self, message, when=""):
        """What the app answers of a message: by its id, or else in the list.

        The path of one message has a criterion of its own; where it did not answer the first
        reading, the list has to have the message. `when` begins the sentence of a failure.
        """
        reply = self._app.get(f"/api/messages/{message.id}")
        found = object_of(reply) if reply.status == 200 else {}
        if message.by_id is None:
            message.by_id = message.is_in(found)
        if not message.by_id:
            found = next((item for item in self.newest() if message.is_in(item)), {})
        if message.is_in(found):
            return found
        what = f"GET /api/messages/{message.id} answered {reply.status}"
        if message.by_id:
            reply.fail(f"{when}{what}, and not with the message as it was sent.")
        return reply.fail(f"{when}{what}, and the list has no such message as was sent, either.")

    def newest(self):
        """The objects in the list, the newest first; none where the list is wrong."""
        items = object_of(self._app.get("/api/messages")).get("items")
        items = items if isinstance(items, list) else []
        return [item for item in items if isinstance(item, dict)]

    def list(self):
        """The messages that GET /api/messages answers."""
        body = self._app.get("/api/messages").expect(200).json(dict)
        items = body["items"]
        assert isinstance(items, list), "items has to be a list."
        for item in items:
            assert isinstance(item, dict), "Every one of the items has to be an object."
            assert number_of(item.get("id")), "Every one of the items needs its integer id."
        assert is_count(body["total"]), "total has to be an integer, and not negative."
        return Listing(items, body["total"])

    def page(self, browser=None):
        """The page at /, seen with `browser` (a session of its own by default)."""
        return (browser or self._app).page("/")

    def form(self, browser):
        """The form for a new message, as `browser` sees it."""
        return form_of(self.page(browser))

    def submit(self, author, text, browser=None):
        """Fill in the form on the page and send it, as a browser does; gives the answer."""
        page = self.page(browser or self._app.session())
        return form_of(page).submit({"author": author, "text": text})

    def fill(self, count):
        """Post until there are `count` messages; gives what the list answers then."""
        for _ in range(count - self.list().total):
            self.post()
        return self.list()

    def submitted(self, author, text):
        """Send the form with a valid message; whatever is no error will do as an answer."""
        reply = self.submit(author, text)
        if reply.status >= 400:
            reply.fail(f"This form is valid, but POST /messages answered {reply.status}.")


@pytest.fixture
def board(app, draw):
    """The app's message board."""
    return Board(app, draw)


@pytest.fixture(scope="session")
def entered():
    """A function that gives what stands in a field of the form for a new message."""

    def value(page, name):
        return form_of(page).value(name)

    return value


@pytest.fixture(scope="session")
def is_secret():
    """A function that says whether a variable of that name holds a secret."""

    def check(name):
        return bool(SECRET.search(name)) and not ABOUT.search(name)

    return check


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
