"""What is in MySQL, who logs in to it, and what happens without it. The outage comes last."""

import re
import time

import pytest
from conftest import object_of

RESTARTED = (
    "After MySQL was restarted (its connections from before are closed: test each before it is "
    "used, as pool_pre_ping does, or open one for each request) "
)
AFTER = (
    "MySQL is back after the outage, and a request still fails. Connections of before are closed "
    "by then: check each one before it is used (a ping, pool_pre_ping), or open a new one."
)
AS_SENT = "<b>\"é\" & '漢'</b> &amp; \\ %41+"
"""What is another text once it is escaped, quoted or encoded for some other purpose."""
BACK_SECONDS = 10
"""How long the app may take to find MySQL again."""


def quoted(name):
    """`name` as a MySQL identifier."""
    return f"`{name.replace('`', '``')}`"


@pytest.mark.criterion("db.committed")
def test_a_new_message_is_in_mysql(app, board, db, elsewhere):
    """Once POST has answered, another connection sees author and text."""
    message = board.post()
    missing = "The message was answered, but no text column of the database holds its {} as sent."
    for name, sent in (("author", message.author), ("text", message.text)):
        found = db.find(sent)
        if not found and (where := elsewhere(sent)):
            reply = app.get(f"/api/messages/{message.id}")
            reply.fail(missing.format(name) + where, hinted=False)
        assert found, missing.format(name)
    author, text = board.author(), board.text()
    try:
        taken = board.submit(author, text).status < 400
    except AssertionError:  # whether there is such a form has criteria of its own
        taken = False
    if not taken:
        return
    missing = "The form was taken, but no text column of the database holds its {} as sent."
    assert db.find(author), missing.format("author")
    assert db.find(text), missing.format("text")


@pytest.mark.criterion("db.source")
def test_answers_come_from_mysql(app, board, db):
    """A text that is changed in the table is answered as it is there now."""
    message, changed = board.post(), board.text()
    board.read(message)
    before = places(app, board, message.id, message.text)
    for table, column in db.find(message.text):
        sql = (
            f"UPDATE {quoted(table)} SET {quoted(column)} = %s "
            f"WHERE CAST({quoted(column)} AS BINARY) = CAST(%s AS BINARY)"
        )
        db.write(sql, [changed, message.text])
    for place in sorted(before - places(app, board, message.id, changed)):
        pytest.fail(f"The grader changed a text in your table, but {place} has the old one.")


def places(app, board, number, text):
    """Where the message of that id is answered with that text."""
    reply = app.get(f"/api/messages/{number}")
    answered = {
        f"GET /api/messages/{number}": reply.status == 200 and object_of(reply).get("text") == text,
        "GET /api/messages": text in [item.get("text") for item in board.newest()],
        "the page": text in board.page().text,
    }
    return {place for place, there in answered.items() if there}


@pytest.mark.criterion("db.source")
def test_texts_are_stored_as_they_were_sent(app, board, db):
    """What comes back right also stands in MySQL like that, and not escaped or encoded."""
    sent = {"author": f"{board.author()} O'É & <>", "text": f"{board.text()} {AS_SENT}"}
    reply = app.post("/api/messages", json=sent)
    if reply.status >= 400 or not sent.items() <= object_of(reply).items():
        return  # criteria of the API and the page have the reason
    for name, value in sent.items():
        assert db.find(value), (
            f"The {name} {value!r} was answered right, but no text column of the database holds it "
            "as it was sent: store it as it is, and escape it where a page shows it."
        )


class Restarted:
    """One restart of the app, and what was seen of it; it takes a second, so there is but one."""

    def __init__(self, app, db):
        self._app = app
        self._db = db
        self._done = False
        self.message = None
        """What was posted before; None where it was not taken."""
        self.users = frozenset()
        """The accounts that logged in to MySQL since then."""

    def once(self, board):
        """Post a message, restart the app and send it another; only the first call does so."""
        if self._done:
            return self
        try:
            self.message = board.post()
        except AssertionError:  # api.works has the reason
            self.message = None
        sent = {"author": board.author(), "text": board.text()}
        with self._db.logins() as logins:
            self._app.restart()
            self._app.post("/api/messages", json=sent)
            self._app.get("/")
        self.users = logins.users
        self._done = True
        return self


@pytest.fixture(scope="module")
def restarted(app, db):
    """The restart that two criteria look at."""
    return Restarted(app, db)


@pytest.mark.criterion("data.restart")
def test_messages_survive_a_restart_of_the_app(restarted, board):
    """The same container, stopped and started, answers as before."""
    message = restarted.once(board).message
    assert message, "No message could be posted before the restart."
    board.read(message, "After a restart of the app ")


@pytest.mark.criterion("db.own_user")
def test_the_app_is_not_root(restarted, board):
    """None of the app's logins, from its start on, is root's; what it answers does not matter."""
    users = restarted.once(board).users
    assert users, "The app was started again and sent a message, but nobody has logged in to MySQL."
    assert "root" not in users, (
        "The app logs in to MySQL as root, who may do anything. Have MYSQL_USER and MYSQL_PASSWORD "
        "make a user for it."
    )


def require_stored(db, message):
    """Fail unless text columns of MySQL hold the message's author and text."""
    for name, sent in (("author", message.author), ("text", message.text)):
        assert db.find(sent), f"No text column of the database holds its {name} as sent."


@pytest.mark.criterion("data.recreate")
def test_messages_survive_a_new_container(app, db, board):
    """Another container of the same image answers as before."""
    message, before = kept(board)
    require_stored(db, message)
    app.recreate()
    require_kept(board, message, before, "After the app's container was made again ")


@pytest.mark.criterion("data.database_restart")
def test_messages_survive_a_restart_of_mysql(db, board):
    """MySQL is killed and started; the app goes on, and answers as before."""
    message, before = kept(board)
    require_stored(db, message)
    db.restart()
    require_kept(board, message, before, RESTARTED)
    require_stored(db, message)


@pytest.mark.criterion("data.down_up")
def test_messages_survive_down_and_up(compose, db, board):
    """`docker compose down` without -v, then `up`."""
    message, before = kept(board)
    require_stored(db, message)
    compose.down_up()
    require_kept(board, message, before, "After `docker compose down` (without -v) and `up` ")
    require_stored(db, message)


def kept(board):
    """A new message, and what is answered of it."""
    message = board.post()
    return message, board.read(message)


def require_kept(board, message, before, when):
    """Fail unless the message is answered as before."""
    date = board.read(message, when).get("created_at")
    assert date == before.get("created_at"), f"{when}the message has another created_at."


@pytest.mark.criterion("db.outage")
def test_an_outage_is_answered_and_survived(app, db, board):
    """While MySQL is away requests are answered with 503; once it is back all is well again."""
    message, _ = kept(board)
    sent = {"author": board.author(), "text": board.text()}
    with db.outage():
        for what, send in (
            ("GET /api/messages", lambda: app.get("/api/messages")),
            ("POST /api/messages", lambda: app.post("/api/messages", json=sent)),
            ("GET /", lambda: app.get("/")),
        ):
            reply = send()
            if reply.status < 500:
                reply.fail(
                    f"While MySQL is away, {what} should answer 503 (or another 5xx), not "
                    f"{reply.status}."
                )
    end = time.monotonic() + BACK_SECONDS
    while not is_back(app) and time.monotonic() < end:
        time.sleep(0.5)
    try:
        board.read(message)
        items = board.list().items
        board.page()
        board.post()
    except AssertionError as error:
        if re.search(r"answered 5\d\d", str(error)):
            error.args = (f"{AFTER} {error}",)
        raise
    assert items, "After the outage GET /api/messages has no messages."


def is_back(app):
    """Whether the app answers again."""
    try:
        return app.get("/api/messages").status == 200
    except AssertionError:  # no answer, or none in time
        return False
