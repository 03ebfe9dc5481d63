"""Servers of WebSockets that do as a test says, and a client of them."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest

from grader.exam.client import Client
from grader.exam.faults import Mismatch
from grader.exam.websocket import WebSocket
from grader.exam.websocket_frames import odd_frame
from grader.testing import serve

Talk = Callable[[socket.socket], None]
Ask = Callable[[WebSocket], object]
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"
WRONG_TOKEN = (
    b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: x\r\n\r\n"
)
LIMIT = 1.0
"""Seconds that an operation has here; each loss comes within two more."""


def accept(request: bytes, *headers: str) -> bytes:
    """The answer that opens the WebSocket that was asked for."""
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", request, re.IGNORECASE)
    assert key
    digest = hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False)
    lines = ["HTTP/1.1 101 X", "Upgrade: websocket", "Connection: Upgrade",
             f"Sec-WebSocket-Accept: {base64.b64encode(digest.digest()).decode()}",
             *headers]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def talking(talk: Talk, *headers: str) -> Callable[[bytes, socket.socket], None]:
    """A server that opens the WebSocket and then does as `talk`."""

    def answer(request: bytes, connection: socket.socket) -> None:
        connection.sendall(accept(request, *headers))
        talk(connection)

    return answer


def plain(opcode: int | str, payload: bytes = b"", **options: Any) -> bytes:
    """A server's frame, which is not masked."""
    return odd_frame(opcode, payload, masked=False, **options)


def until_closed(connection: socket.socket) -> None:
    """Wait until the client has gone."""
    while connection.recv(65536):
        pass


def frame_of(connection: socket.socket) -> tuple[int, bytes]:
    """The next frame of the client, a short one: its first byte, and its payload."""
    head = connection.recv(2, socket.MSG_WAITALL)
    if len(head) < 2:
        raise ConnectionError
    assert head[1] & 0x80, "A client masks what it sends."
    size = head[1] & 0x7F
    if size == 126:
        size = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))[0]
    key = connection.recv(4, socket.MSG_WAITALL)
    masked = connection.recv(size, socket.MSG_WAITALL) if size else b""
    return head[0], bytes(byte ^ key[at % 4] for at, byte in enumerate(masked))


def echo(connection: socket.socket) -> None:
    """What a right app does that sends back what it gets."""
    while True:
        first, payload = frame_of(connection)
        answer = {0x89: 0x8A}.get(first, first)
        connection.sendall(plain(answer & 15, payload, final=bool(answer & 0x80)))
        if first == 0x88:
            return


def client(address: tuple[str, int], **options: Any) -> Client:
    return Client(address, shown="http://localhost:5000", deadline=LIMIT, body_cap=65536, **options)


def lost(talk: Talk, ask: Ask, kind: type[Mismatch] = Mismatch, **options: Any) -> str:
    """What `ask` fails with, which is of `kind` and comes in time."""
    with serve(talking(talk)) as address, client(address).websocket("/ws", **options) as opened:
        started = time.monotonic()
        with pytest.raises(kind) as caught:
            ask(opened)
        assert time.monotonic() - started < LIMIT + 2
    assert type(caught.value) is kind
    return str(caught.value)
