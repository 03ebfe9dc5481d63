"""What the tests of the chat share: logging in, joining a room, and hearing what is said there."""

from urllib.parse import quote

import pytest

SOON = 2.0
"""Seconds within which everybody hears of something."""
HEARD_AT_MOST = 200
"""Messages that are read while one is waited for."""


class Member:
    """One connection to a room, by somebody whose hello was answered."""

    def __init__(self, socket, room, name, welcome):
        self.socket, self.room, self.name, self.welcome = socket, room, name, welcome

    def say(self, text):
        """Say something in the room."""
        self.socket.send_json({"type": "message", "text": text})

    def next(self, kind, **fields):
        """The next event of that type with those fields; others are passed over."""
        for _ in range(HEARD_AT_MOST):
            event = self.socket.receive_json(dict, within=SOON)
            if event.get("type") == kind and all(event.get(key) == fields[key] for key in fields):
                return event
        return self.socket.fail(f"Among {HEARD_AT_MOST} messages there is none of type {kind!r}.")

    def message(self, text=None):
        """The next message that somebody has said; with that text, where one is given."""
        event = self.next("message")
        if text is not None and event.get("text") != text:
            self.socket.fail(f"The next message should have the text {text!r}.")
        return event

    def messages(self, count):
        """The next messages, in the order in which they come."""
        return [self.message() for _ in range(count)]

    def hears_nothing(self):
        """Expect no message before the answer to a ping; who comes and goes may be told."""
        self.socket.send_json({"type": "ping", "id": "end"})
        for _ in range(HEARD_AT_MOST):
            event = self.socket.receive_json(dict, within=SOON)
            if event.get("type") == "message":
                self.socket.fail("It hears a message that is not for it.")
            if event.get("type") == "pong":
                return


class Chat:
    """The chat of the app under examination."""

    def __init__(self, app, draw, password):
        self._app, self._draw, self._password = app, draw, password
        self._names = 0

    def name(self, who="ada"):
        """A name that nobody has had."""
        self._names += 1
        return f"{who}-{self._draw.word()[:8].lower()}{self._names}"

    def room(self):
        """A room that nobody has been in."""
        return self.name("room")

    def login(self, name, room, password=None):
        """The answer to POST /login."""
        body = {"name": name, "room": room, "password": password or self._password}
        return self._app.post("/login", json=body)

    def token(self, name, room):
        """The token that somebody gets for a room."""
        reply = self.login(name, room).expect(200)
        token = reply.json(dict)["token"]
        if not isinstance(token, str) or not token:
            reply.fail("The token should be a text that is not empty.")
        return token

    def open(self, room, at=None):
        """A WebSocket at /ws/{room} that has said nothing yet; `at` is a client of elsewhere."""
        return (at or self._app).websocket(f"/ws/{room}")

    def hello(self, room, token, at=None):
        """One that has said hello with that token."""
        socket = self.open(room, at)
        socket.send_json({"type": "hello", "token": token})
        return socket

    def join(self, room, name=None, at=None):
        """Somebody who has been welcomed, with a token of the app's."""
        name = name or self.name()
        socket = self.hello(room, self.token(name, room), at)
        welcome = socket.receive_json(dict, within=SOON)
        if welcome.get("type") != "welcome":
            socket.fail("The first message after a good hello should be the welcome.")
        return Member(socket, room, name, welcome)

    def expect_refusal(self, room, code, send):
        """Expect that `send`, called with a new member, has its connection closed with `code`.

        An app that closes while there is more to read may have its close frame lost to the reset
        of the connection, so a few have their try.
        """
        for _ in range(4):
            member = self.join(room)
            send(member)
            found = member.socket.closed(code, 1006)
            if found.code == code:
                return
        member.socket.fail(
            f"It ends the connection without the close frame that was expected: {code}."
        )

    def get(self, path, token, **params):
        """GET `path` with a token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._app.get(path, params=params, headers=headers)

    def history(self, room, token, **params):
        """A page of the history, its form checked."""
        reply = self.get(f"/rooms/{quote(room)}/messages", token, **params).expect(200)
        page = reply.json(dict)
        if not isinstance(page.get("messages"), list) or not isinstance(page.get("more"), bool):
            reply.fail("The answer should have a list 'messages', and 'more', true or false.")
        for one in page["messages"]:
            if not isinstance(one, dict):
                reply.fail("Each of 'messages' should be an object.")
        return page

    def texts(self, room, token, **params):
        """The texts of a page of the history."""
        return [one.get("text") for one in self.history(room, token, **params)["messages"]]

    def expect_one_order(self, members):
        """Have all of them speak at the same moment, and expect that all hear the order of the ids.

        That is also the one of the history, and what one has said keeps its own order.
        """
        said = {one.name: [f"{at} {self._draw.word()}" for at in range(4)] for one in members}

        def speak(one):
            for text in said[one.name]:
                one.say(text)

        self._app.together([lambda one=one: speak(one) for one in members])
        heard = [one.messages(4 * len(members)) for one in members]
        first = [(one.get("id"), one.get("text")) for one in heard[0]]
        for one, found in zip(members, heard, strict=True):
            if [(event.get("id"), event.get("text")) for event in found] != first:
                one.socket.fail("Two members hear the same messages in different orders.")
            ids = [event.get("id") for event in found]
            if not all(isinstance(number, int) for number in ids) or ids != sorted(ids):
                one.socket.fail("Messages should come in the order of their ids.")
            for name, texts in said.items():
                if [event.get("text") for event in found if event.get("name") == name] != texts:
                    one.socket.fail("What a member says should be heard in the order it was said.")
        room = members[0].room
        page = self.history(room, self.token(members[0].name, room), limit=len(first))
        kept = [(one.get("id"), one.get("text")) for one in page["messages"]]
        assert kept == first, "The history should have the order in which the messages were heard."


@pytest.fixture
def chat(app, draw, secrets):
    return Chat(app, draw, secrets["CHAT_PASSWORD"])


def _error_of(reply, status):
    """Expect that status and an error in JSON."""
    reply.expect(status)
    error = reply.json(dict).get("error")
    if not isinstance(error, str) or not error.strip():
        reply.fail("An error should be a JSON object with a sentence under 'error'.")
    return reply


@pytest.fixture
def error_of():
    return _error_of
