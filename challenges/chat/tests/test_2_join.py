"""Who gets into a room, and who does not."""

import time

import pytest

HELLO_SECONDS = 3.0
"""What challenge.yml gives the app: on a busy machine a hello may be a second late."""


@pytest.mark.criterion("join.welcome")
def test_a_hello_is_answered_with_a_welcome(chat):
    """What it holds is for presence.list: most of the exam rests on this one."""
    room = chat.room()
    chat.join(room)
    chat.join(room)


@pytest.mark.criterion("join.stranger")
def test_a_stranger_is_refused(chat, draw):
    """Whatever is said in the place of a hello, and nobody hears it."""
    room = chat.room()
    ada = chat.join(room)
    token = chat.token(chat.name(), room)
    for first in (
        {"type": "message", "text": draw.sentence()},
        {"type": "message", "text": draw.sentence(), "token": token},
        {"type": "hello"},
        {"token": token},
        {"type": "hello", "token": None},
        {"type": "hello", "token": ["x"]},
    ):
        with chat.open(room) as socket:
            socket.send_json(first)
            socket.closed(4401)
    for first in ("hello", "[]", '"' + token + '"', ""):
        with chat.open(room) as socket:
            socket.send(first)
            socket.closed(4401)
    with chat.open(room) as socket:
        socket.send_json({"type": "message", "text": draw.sentence()})
        socket.send_json({"type": "hello", "token": token})
        socket.closed(4401, 1006)  # what is not read any more may reset the connection
    ada.hears_nothing()


@pytest.mark.criterion("join.token")
def test_a_token_that_is_none_is_refused(chat, draw, error_of):
    room, other = chat.room(), chat.name("bob")
    token = chat.token(chat.name(), room)
    middle = len(token) // 2
    swapped = "A" if token[middle] != "A" else "B"
    changed = [
        "", draw.word(), token[:-8], token[4:], token[:middle], f"{token}.{token}",
        token[:middle] + swapped + token[middle + 1 :], token.swapcase(), other,
    ]  # fmt: skip
    for one in changed:
        with chat.hello(room, one) as socket:
            socket.closed(4401)
    for one in changed[1:3]:
        error_of(chat.get(f"/rooms/{room}/presence", one), 401)


@pytest.mark.criterion("join.room")
def test_a_token_of_another_room_is_refused(chat):
    mine, other = chat.room(), chat.room()
    ada = chat.join(other)
    token = chat.token(chat.name(), mine)
    for room in (other, f"{mine}x", mine[:-1]):
        with chat.hello(room, token) as socket:
            socket.closed(4403)
    ada.hears_nothing()


@pytest.mark.criterion("join.silent")
def test_who_says_nothing_is_not_kept(chat):
    started = time.monotonic()
    with chat.open(chat.room()) as socket:
        socket.closed(4401, within=HELLO_SECONDS + 2)
    taken = time.monotonic() - started
    assert taken > HELLO_SECONDS / 2, (
        f"It is closed after {taken:.2f} s; a hello may take {HELLO_SECONDS:g} s."
    )


@pytest.mark.criterion("join.silent")
def test_who_has_said_hello_may_be_silent(chat):
    ada = chat.join(chat.room())
    ada.hears_nothing()
    ada.socket.quiet(HELLO_SECONDS + 0.3)
