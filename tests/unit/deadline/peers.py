"""Peers that drip, say nothing and never stop, in the forms of HTTP and MySQL."""

from __future__ import annotations

import itertools
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

LIMIT = 0.15
"""Seconds that each conversation may take."""
GRACE = 2.0
Peer = Callable[[socket.socket], None]


def often(connection: socket.socket, piece: bytes) -> None:
    while True:
        connection.sendall(piece)
        time.sleep(0.03)


def flood(connection: socket.socket, piece: bytes) -> None:
    block = piece * max(65536 // len(piece), 1)
    while True:
        connection.sendall(block)


def silence(connection: socket.socket) -> None:
    connection.settimeout(20)
    while connection.recv(65536):
        pass


def after(first: bytes, way: Callable[[socket.socket, bytes], None], piece: bytes) -> Peer:
    """A peer that sends `first`, and then `piece` for ever, in that way."""

    def peer(connection: socket.socket) -> None:
        connection.sendall(first)
        way(connection, piece)

    return peer


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
HTTP: dict[str, Peer] = {
    "says nothing": silence,
    "drips 100": after(b"", often, b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"),
    "floods 100": after(b"", flood, b"HTTP/1.1 100 Continue\r\n\r\n"),
    "floods 102": after(b"", flood, b"HTTP/1.1 102 Processing\r\n\r\n"),
    "floods 103": after(b"", flood, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "100 with headers for ever": after(b"HTTP/1.1 100 Continue\r\n", flood, b"X: y\r\n"),
    "100 with dripping headers": after(b"HTTP/1.1 100 Continue\r\n", often, b"X: y\r\n"),
    "drips its first line": after(b"HTTP/1.1 2", often, b"0"),
    "floods its first line": after(b"HTTP/1.1 2", flood, b"0"),
    "drips one header": after(OK + b"X: ", often, b"y"),
    "floods headers": after(OK, flood, b"X: y\r\n"),
    "long headers for ever": after(OK, flood, b"X: " + b"y" * 60000 + b"\r\n"),
}
BODIES: dict[str, Peer] = {
    "drips a body": after(OK + b"\r\n", often, b"x"),
    "floods a body": after(OK + b"\r\n", flood, b"x"),
    "drips a chunk's extension": after(CHUNKED + b"1;", often, b"x"),
    "chunks for ever": after(CHUNKED, often, b"1\r\nx\r\n"),
    "trailers drip": after(CHUNKED + b"0\r\n", often, b"X: y\r\n"),
    "trailers without end": after(CHUNKED + b"0\r\n", flood, b"X: y\r\n"),
    "a compressed body drips": after(OK + b"Content-Encoding: gzip\r\n\r\n", often, b"\x1f\x8b"),
}
VERSION = b"8.4.0\0"


def packet(content: bytes, number: int = 0) -> bytes:
    return struct.pack("<I", len(content))[:3] + bytes([number]) + content


GREETING = packet(
    b"\x0a" + VERSION + struct.pack("<I", 7) + b"abcdefgh\0" + struct.pack("<H", 0xFFFF)
    + b"\x2d" + struct.pack("<HH", 2, 0xFFFF) + b"\x15" + b"\0" * 10 + b"ijklmnopqrst\0"
    + b"mysql_native_password\0"
)  # fmt: skip
DIALOG = b"\xfedialog\0"


def numbered(first: int, content: bytes) -> Iterator[bytes]:
    return (packet(content, number % 256) for number in itertools.count(first))


def switches(connection: socket.socket) -> None:
    """Asks for another way to log in, again and again."""
    connection.sendall(GREETING)
    number = 2
    while connection.recv(65536):
        connection.sendall(packet(DIALOG + b"\x02?", number % 256))
        number += 2


def asks_for_ever(connection: socket.socket) -> None:
    """Asks one question after the other in PAM's dialogue."""
    connection.sendall(GREETING)
    connection.recv(65536)
    connection.sendall(packet(DIALOG + b"\x02?", 2))
    number = 4
    while connection.recv(65536):
        connection.sendall(packet(b"\x02?", number % 256))
        number += 2


def refuses_slowly(connection: socket.socket) -> None:
    connection.sendall(GREETING)
    often(connection, b"\xff")


MYSQL: dict[str, Peer] = {
    "says nothing": silence,
    "drips a greeting": after(b"\xff\xff\xff\0\x0a", often, b"8"),
    "floods a greeting": after(b"", flood, (b"\xff\xff\xff\0" + b"8" * 0xFFFF)),
    "packets of size zero": after(b"", flood, packet(b"")),
    "greets, then nothing": after(GREETING, lambda connection, _: silence(connection), b""),
    "switches for ever": switches,
    "asks for ever": asks_for_ever,
    "refuses slowly": refuses_slowly,
    "no MySQL": after(b"SSH-2.0-nope\r\n", often, b"\r\n"),
}


def logged_in(after_query: Callable[[socket.socket], None]) -> Peer:
    """A server that lets anybody in and answers statements of the log-in, then does that."""

    def peer(connection: socket.socket) -> None:
        connection.sendall(GREETING)
        connection.recv(65536)
        connection.sendall(packet(b"\0\0\0\2\0\0\0", 2))
        while command := connection.recv(65536):
            if b"SELECT" in command:
                after_query(connection)
                return
            connection.sendall(packet(b"\0\0\0\2\0\0\0", 1))

    return peer


COLUMN = (
    b"\3def\0\0\0\1a\0\x0c" + struct.pack("<HIBHB", 33, 255, 253, 0, 0) + b"\0\0"
)  # fmt: skip
HEAD = packet(b"\1", 1) + packet(COLUMN, 2) + packet(b"\xfe\0\0\2\0", 3)


def rows(connection: socket.socket) -> None:
    """A result set without end, as fast as it is read."""
    connection.sendall(HEAD)
    for row in numbered(4, b"\1x"):
        connection.sendall(row)


def rows_slowly(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    for row in numbered(4, b"\1x"):
        connection.sendall(row)
        time.sleep(0.03)


def big_rows(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    for row in numbered(4, b"\xfd\0\0\2" + b"x" * 0x20000):
        connection.sendall(row)


STATEMENTS: dict[str, Peer] = {
    "no answer": logged_in(silence),
    "rows without end": logged_in(rows),
    "rows that drip": logged_in(rows_slowly),
    "large rows without end": logged_in(big_rows),
    "an answer that drips": logged_in(lambda one: often(one, b"\xff")),
    "columns without end": logged_in(after(packet(b"\xfd\xff\xff\xff", 1), flood, b"\xff")),
}


@contextmanager
def listening(peer: Peer, family: socket.AddressFamily = socket.AF_INET, path: str = "") -> Any:
    """A server whose connections are each `peer`'s; gives its address."""
    listener = socket.socket(family)
    listener.bind(path or ("127.0.0.1", 0))
    listener.listen(50)

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                peer(connection)
            except OSError:
                pass  # the client has gone

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@contextmanager
def in_time(limit: float = LIMIT) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < limit + GRACE
