"""Conversations with Redis end in time and size, whatever the other side sends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from grader.deadline.redis import RedisError, open_redis, ran_out
from grader.errors import PlatformError
from grader.exam.faults import Mismatch
from grader.exam.services import redis as exam_redis
from grader.exam.services.redis import Cache
from grader.services.base import OutOfTime
from grader.services.redis.connection import RedisAdmin

LIMIT = 0.15
"""Seconds that each conversation may take."""
GRACE = 1.5
Peer = Callable[[socket.socket], None]


@contextmanager
def serving(peer: Peer) -> Iterator[tuple[str, int]]:
    """A listener on loopback that hands each connection to `peer`; gives its address."""

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)  # the log-in
                peer(connection)
            except OSError:
                return  # the client is gone

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        host, port = listener.getsockname()[:2]
        yield host, port


def often(connection: socket.socket, piece: bytes) -> None:
    while True:
        connection.sendall(piece)
        time.sleep(0.03)


def flood(connection: socket.socket, piece: bytes) -> None:
    while True:
        connection.sendall(piece * 4096)


def silence(connection: socket.socket, piece: bytes) -> None:
    connection.settimeout(5)
    while connection.recv(65536):
        pass


WAYS = {
    "says nothing": (silence, b""),
    "drips a line": (often, b"+"),
    "floods a line": (flood, b"x"),
    "a list without end": (flood, b"*1\r\n"),
    "a text of great length": (flood, b"$999999999\r\n"),
    "a list of great length": (often, b"*999999999\r\n"),
    "what is no Redis": (often, b"HTTP/1.1 200 OK\r\n\r\n"),
    "a number that is none": (often, b":x\r\n"),
}


def answering(way: Callable[[socket.socket, bytes], None], piece: bytes, *, after: bool) -> Peer:
    """A peer that answers so, `after` it has let the client in."""

    def peer(connection: socket.socket) -> None:
        try:
            if after:
                connection.sendall(b"+OK\r\n")
                connection.recv(65536)
            way(connection, piece)
        except OSError:
            pass

    return peer


def talked(address: tuple[str, int]) -> None:
    """Log in and ask until something ends it."""
    opened = open_redis(address, user="u", password="p", login=LIMIT, statement=LIMIT, most=100_000)
    try:
        opened.ask("KEYS", "*")
        while True:
            opened.next_answer(LIMIT)
    finally:
        opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("name", WAYS)
def test_a_conversation_ends(name: str, *, after: bool) -> None:
    peer = answering(*WAYS[name], after=after)
    began = time.monotonic()
    with serving(peer) as address, pytest.raises(RedisError):
        talked(address)
    assert time.monotonic() - began < GRACE


def test_what_ran_out_is_told_from_what_was_refused() -> None:
    """Asking again would take as long again."""
    with (
        serving(lambda connection: silence(connection, b"")) as address,
        pytest.raises(RedisError) as caught,
    ):
        open_redis(address, user="u", password="p", login=LIMIT, statement=LIMIT)
    assert ran_out(caught.value)
    with pytest.raises(RedisError) as caught:
        open_redis(("127.0.0.1", 1), user="u", password="p", login=LIMIT, statement=LIMIT)
    assert not ran_out(caught.value)


def refuse(text: bytes) -> Peer:
    """A server that lets everybody in and answers each command so."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"+OK\r\n")
        while connection.recv(65536):
            connection.sendall(text)

    return answer


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"-BUSY Redis is busy running a script.\r\n", "script"),
        (b"-ERR max number of clients reached\r\n", "connection"),
    ],
)
def test_the_administrator_tells_what_an_app_holds_up(text: bytes, told: str) -> None:
    admin = RedisAdmin("p")
    with serving(refuse(text)) as address:
        admin.at(address)
        with pytest.raises(OutOfTime, match=told):
            admin.ask("PING")
    with pytest.raises(PlatformError):
        RedisAdmin("p").ask("PING")


def test_a_look_that_runs_out_of_time_is_the_students_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a sentence, and at once for what comes after it in that test."""
    monkeypatch.setattr(exam_redis, "CONNECT_SECONDS", LIMIT)
    monkeypatch.setattr(exam_redis, "COMMAND_SECONDS", LIMIT)
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"+OK\r\n")
        connection.recv(65536)
        over.wait(5)

    with serving(answer) as (host, port):
        told = {"host": host, "port": port, "user": "u", "password": "p", "account": "a"}
        cache = Cache(lambda name, **_: None, told)
        with pytest.raises(Mismatch, match="longer than it may"):
            cache.get("x")
        assert cache.waited > LIMIT / 2
        cache.close()
        over.set()
