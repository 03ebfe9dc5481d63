"""An app that drips, floods, drops or says nothing over a WebSocket: the conversation ends."""

from __future__ import annotations

import select
import socket
import struct
import threading
import zlib

import pytest

from grader.exam.faults import AppUnreachable, Mismatch
from grader.exam.websocket import WebSocket
from grader.testing import serve
from tests.unit.exam.websocket_peers import (
    DEFLATE,
    LIMIT,
    client,
    lost,
    plain,
    talking,
    until_closed,
)


def silent(connection: socket.socket) -> None:
    until_closed(connection)


def test_an_app_that_says_nothing() -> None:
    assert lost(silent, lambda opened: opened.receive()) == "No message came within 1 s."
    assert (
        lost(silent, lambda opened: opened.receive(within=0.1)) == "No message came within 0.1 s."
    )
    assert lost(silent, lambda opened: opened.ping()) == "No pong came within 1 s."
    assert "did not answer the close frame" in lost(silent, lambda opened: opened.close())
    assert "(4401 was expected) within 1 s" in lost(silent, lambda opened: opened.closed(4401))


def test_a_whole_conversation_has_an_end() -> None:
    said = lost(silent, lambda opened: opened.receive(within=30), lasts=0.3)
    assert said == "No message came, and the conversation has taken 0.3 s in all."


def test_an_app_that_drips() -> None:
    """Each byte comes soon, the message never."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("text", b"", length=1000))
        while not select.select([connection], [], [], 0.02)[0]:
            connection.sendall(b"x")

    said = lost(talk, lambda opened: opened.receive())
    assert said == "A message began and did not end within 1 s."


def test_an_app_that_floods_with_messages() -> None:
    flood = plain("text", b"x") * 2000

    def talk(connection: socket.socket) -> None:
        while True:
            connection.sendall(flood)

    assert "sent a message where none was expected: x" in lost(talk, lambda one: one.quiet(1))
    said = lost(talk, lambda opened: opened.closed(within=LIMIT))
    assert said.startswith(("It sent more than", "It did not close"))


def test_a_long_message_keeps_its_end() -> None:
    """An app may send an error as one."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("text", b"failed: " + b"x" * 500 + b" for want of a table"))
        until_closed(connection)

    said = lost(talk, lambda one: one.quiet(1))
    assert "sent a message where none was expected: failed: xxx" in said
    assert "xxx for want of a table" in said
    assert "(378 characters left out)" in said


def test_an_app_that_floods_with_pings_and_reads_nothing() -> None:
    flood = plain("ping", b"x" * 100) * 500

    def talk(connection: socket.socket) -> None:
        while True:
            connection.sendall(flood)

    said = lost(talk, lambda opened: opened.receive())
    assert said.startswith(("It sent more than", "No message came within 1 s"))


def test_an_app_that_sends_fragments_without_end() -> None:
    flood = plain("continuation", b"", final=False) * 4000

    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("text", b"", final=False))
        while True:
            connection.sendall(flood)

    said = lost(talk, lambda opened: opened.receive())
    assert said.startswith(("It sent more than 20000 frames", "A message began and did not end"))


def test_an_app_that_sends_too_large_a_message() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("text", b"x" * 70_000))
        until_closed(connection)

    said = lost(talk, lambda opened: opened.receive())
    assert said == "It sent a message of more than 64 KiB."


def test_an_app_that_sends_too_much_in_all() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("binary", b"x" * 60_000) * 6)
        until_closed(connection)

    def ask(opened: WebSocket) -> None:
        for _ in range(6):
            opened.receive()

    assert lost(talk, ask) == "It sent more than 256 KiB in one conversation."


def test_a_huge_length_and_nothing_more() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("text", b"x", length=2**62))
        until_closed(connection)

    assert "did not end within 1 s" in lost(talk, lambda opened: opened.receive())


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"\x81\x81\0\0\0\0x", "masked"),
        (plain(3, b"x"), "opcode"),
        (plain("text", b"x", reserved=4), "eserved"),
        (plain("text", b"\xff"), "UTF-8"),
        (plain("ping", b"x", final=False), "fragment"),
        (plain("continuation", b"x"), "CONTINUATION"),
        (plain("close", b"\x00"), "close"),
        (plain("close", struct.pack("!H", 1006)), "local-only"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "breaks"),
    ],
)
def test_what_is_no_frame_is_said(sent: bytes, said: str) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(sent)
        until_closed(connection)

    found = lost(talk, lambda opened: opened.receive())
    assert found.startswith("What it sent breaks the WebSocket protocol: ")
    assert said.lower() in found.lower()


@pytest.mark.parametrize("reset", [False, True])
def test_an_app_that_drops_the_connection(reset: bool) -> None:
    def talk(connection: socket.socket) -> None:
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    said = lost(talk, lambda opened: opened.receive(), AppUnreachable)
    assert said.startswith("It ended the connection without a close frame where a message was")
    assert lost(talk, lambda opened: opened.closed(4401), AppUnreachable)
    with serve(talking(talk)) as address, client(address).websocket("/ws") as opened:
        assert opened.closed(1006).code == 1006
        assert opened.exchange.broke


def test_an_app_that_takes_nothing() -> None:
    over = threading.Event()

    def talk(connection: socket.socket) -> None:
        over.wait(10)

    said = lost(talk, lambda opened: opened.send(b"x" * 10_000_000))
    over.set()
    assert said == "It did not take what was sent within 1 s."


def test_a_compressed_bomb_is_not_unfolded() -> None:
    """64 MiB of zeros in 64 KiB, with compression that the app was offered."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(64 << 20)) + packer.flush(zlib.Z_SYNC_FLUSH)

    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("binary", bomb[:-4], reserved=4))
        until_closed(connection)

    with (
        serve(talking(talk, DEFLATE)) as address,
        client(address).websocket("/ws", compressed=True) as opened,
        pytest.raises(Mismatch, match="a message of more than 64 KiB"),
    ):
        opened.receive()
