"""Conversations with PostgreSQL end in time and size, whatever the other side sends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from grader.deadline import postgres
from grader.deadline.postgres import PostgresConnection, RanOut, open_postgres, refused

LIMIT = 0.3
"""Seconds that each conversation may take."""
GRACE = 3.0
"""What a test on a machine with other work may take beyond that."""
Peer = Callable[[socket.socket], None]


def message(kind: bytes, body: bytes) -> bytes:
    """One message of PostgreSQL's protocol."""
    return kind + (len(body) + 4).to_bytes(4, "big") + body


LOGGED_IN = b"".join([
    message(b"R", bytes(4)), message(b"S", b"client_encoding\0UTF8\0"),
    message(b"S", b"server_version\x0017.0\0"), message(b"K", bytes(8)), message(b"Z", b"I"),
])  # fmt: skip
"""What a server says to one who needs no password."""
FATAL = b"SFATAL\0VFATAL\0C%s\0M%s\0\0"


@contextmanager
def serving(peer: Peer, *, greeting: bytes = LOGGED_IN) -> Iterator[tuple[str, int]]:
    """A listener on loopback that lets everybody in and hands what is asked then to `peer`."""

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
                connection.sendall(greeting)
                connection.recv(65536)  # the first statement
                peer(connection)
            except OSError:
                return  # the client is gone

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        host, port = listener.getsockname()[:2]
        yield host, port


def silence(connection: socket.socket) -> None:
    connection.recv(1)


def drip(connection: socket.socket) -> None:
    """A row that never ends."""
    connection.sendall(b"D" + (0xFFFFFF).to_bytes(4, "big") + b"\0\x01")
    while True:
        connection.sendall(b"x")
        time.sleep(0.02)


def flood(connection: socket.socket) -> None:
    """Notices without end."""
    piece = message(b"N", b"SNOTICE\0VNOTICE\0C00000\0M" + b"x" * 4000 + b"\0\0") * 8
    while True:
        connection.sendall(piece)


def opened(address: tuple[str, int]) -> PostgresConnection:
    return open_postgres(address, login=2, user="u", password="p", database="d")


@pytest.mark.parametrize("peer", [silence, drip])
def test_a_conversation_ends_in_its_time(peer: Peer) -> None:
    """And the connection with it: what comes later is read by nobody."""
    with serving(peer) as address:
        connection = opened(address)
        began = time.monotonic()
        connection.begin(LIMIT)
        with pytest.raises(RanOut, match="time is up"):
            connection.execute("SELECT 1")
        assert LIMIT <= time.monotonic() - began < LIMIT + GRACE
        assert connection.closed


def test_a_conversation_that_is_over_begins_no_statement() -> None:
    with serving(silence) as address:
        connection = opened(address)
        connection.begin(-1)
        with pytest.raises(RanOut):
            connection.execute("SELECT 1")


def test_a_conversation_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before its time is over."""
    with serving(flood) as address:
        connection = opened(address)
        connection.begin(60, 100_000)
        began = time.monotonic()
        with pytest.raises(RanOut, match="more than the conversation may have"):
            connection.execute("SELECT 1")
        assert time.monotonic() - began < 20
        assert connection.closed


def test_an_error_of_the_servers_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as the server says it, and the connection stays."""

    def refuse(connection: socket.socket) -> None:
        error = b"SERROR\0VERROR\0C42P01\0Mno such table\0\0"
        connection.sendall(message(b"E", error) + b"Z\0\0\0\x05I")
        connection.recv(1)

    with serving(refuse) as address:
        connection = opened(address)
        connection.begin(5)
        with pytest.raises(psycopg.errors.UndefinedTable, match="no such table"):
            connection.execute("SELECT 1")
        assert not connection.closed
        connection.abort()
        assert connection.closed


@pytest.mark.parametrize(
    ("state", "said", "told"),
    [
        (b"28P01", b"password authentication failed for user", True),
        (b"57P03", b"the database system is starting up", False),
        (b"57P03", b"the database system is shutting down", False),
    ],
)
def test_a_refusal_is_told_from_a_lack_of_a_server(state: bytes, said: bytes, told: bool) -> None:
    greeting = message(b"E", FATAL % (state, said))
    with serving(silence, greeting=greeting) as address, pytest.raises(psycopg.Error) as caught:
        opened(address)
    assert refused(caught.value) == told


def test_nobody_there_is_no_refusal() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()[:2]
    with pytest.raises(psycopg.OperationalError) as caught:
        opened(address)
    assert not refused(caught.value)


def test_settings_of_a_session_stand_above_the_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As options of the log-in; a blank in one is escaped."""
    asked: dict[str, object] = {}
    monkeypatch.setattr(PostgresConnection, "connect", lambda **options: asked.update(options))
    open_postgres(
        ("h", 1), login=9, user="u", password="p", database="d", search_path="a b",
        lock_timeout=3000,
    )  # fmt: skip
    assert asked["options"] == r"-c search_path=a\ b -c lock_timeout=3000"
    assert (asked["host"], asked["port"], asked["connect_timeout"]) == ("h", 1, 9)
    assert asked["autocommit"] is True
    assert postgres.RESULT_BYTES > 1024 * 1024
