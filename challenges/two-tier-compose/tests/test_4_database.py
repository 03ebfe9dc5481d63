"""What is in MySQL, who logs in to it, and what happens without it. The outage comes last."""

import re
import time

import pytest

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
    for name in ("author", "text"):
        found = db.find(message[name])
        if not found and (where := elsewhere(message[name])):
            reply = app.get(f"/api/messages/{message['id']}")
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
def test_answers_come_from_mysql(board, db):
    """A text that is changed in the table is answered as it is there now."""
    message, changed = board.post(), board.text()
    listed = message["text"] in [item.get("text") for item in board.list().items]
    shown = message["text"] in board.page().text
    for table, column in db.find(message["text"]):
        sql = (
            f"UPDATE {quoted(table)} SET {quoted(column)} = %s "
            f"WHERE CAST({quoted(column)} AS BINARY) = CAST(%s AS BINARY)"
        )
        db.write(sql, [changed, message["text"]])
    read = board.read(message["id"])
    assert read["text"] == changed, (
        "The grader changed a text in your table, but the app still answers with the old one."
    )
    assert not listed or changed in [item.get("text") for item in board.list().items], (
        "The grader changed a text in your table, but GET /api/messages has the old one."
    )
    assert not shown or changed in board.page().text, (
        "The grader changed a text in your table, but the page shows the old one."
    )


@pytest.mark.criterion("db.source")
def test_texts_are_stored_as_they_were_sent(app, board, db):
    """What comes back right also stands in MySQL like that, and not escaped or encoded."""
    sent = {"author": f"{board.author()} O'É & <>", "text": f"{board.text()} {AS_SENT}"}
    reply = app.post("/api/messages", json=sent)
    if reply.status >= 400 or not sent.items() <= reply.json(dict).items():
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
        except AssertionError:  # api.save has the reason
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
    read = board.read(message["id"])
    assert read["text"] == message["text"], "After a restart of the app it is another message."


@pytest.mark.criterion("db.own_user")
def test_the_app_is_not_root(restarted, board):
    """None of the app's logins, from its start on, is root's; what it answers does not matter."""
    users = restarted.once(board).users
    assert users, "The app was started again and sent a message, but nobody has logged in to MySQL."
    assert "root" not in users, (
        "The app logs in to MySQL as root, who may do anything. Have MYSQL_USER and MYSQL_PASSWORD "
        "make a user for it."
    )


@pytest.mark.criterion("db.outage")
def test_an_outage_is_answered_and_survived(app, db, board):
    """While MySQL is away requests are answered with 503; once it is back all is well again."""
    kept = board.post()
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
    while not is_back(app, kept["id"]) and time.monotonic() < end:
        time.sleep(0.5)
    try:
        read = board.read(kept["id"])
        ids = board.list().ids
        board.page()
        board.post()
    except AssertionError as error:
        if re.search(r"answered 5\d\d", str(error)):
            error.args = (f"{AFTER} {error}",)
        raise
    assert read["text"] == kept["text"], "After the outage it answers with another text."
    assert ids, "After the outage GET /api/messages has no messages."


def is_back(app, message_id):
    """Whether the app answers again."""
    try:
        return app.get(f"/api/messages/{message_id}").status == 200
    except AssertionError:  # no answer, or none in time
        return False
