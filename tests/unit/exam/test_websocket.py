"""WebSockets of a suite: what passes, and what becomes of apps that break the rules."""

from __future__ import annotations

import base64
import hashlib
import re
import select
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from grader.exam.client import Client
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.exam.reply import Reply
from grader.exam.websocket import WebSocket
from grader.exam.websocket_frames import odd_frame
from grader.testing import response, serve

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


def test_messages_of_each_kind_pass() -> None:
    with serve(talking(echo)) as address, client(address).websocket("/ws/café?a=1") as opened:
        opened.send("Grüße 🙂")
        opened.send(b"\x00\xff")
        opened.send_json({"a": [1, None]})
        assert opened.receive_text() == "Grüße 🙂"
        assert opened.receive_bytes() == b"\x00\xff"
        assert opened.receive_json(dict) == {"a": [1, None]}
        assert opened.ping(b"now") < LIMIT
        opened.quiet(0.05)
        closed = opened.close(4321, "enough")
        assert (closed.code, closed.reason) == (4321, "enough")
        assert opened.exchange.status == 101
        assert str(opened.exchange).splitlines()[:3] == [
            "websocat 'ws://localhost:5000/ws/café?a=1'", "< HTTP 101", "> Grüße 🙂",
        ]  # fmt: skip


def test_the_handshake_carries_what_was_asked() -> None:
    seen: list[bytes] = []

    def answer(request: bytes, connection: socket.socket) -> None:
        seen.append(request)
        more = ["Sec-WebSocket-Protocol: b", "Set-Cookie: c=2; Path=/"] if len(seen) == 1 else []
        connection.sendall(accept(request, *more))
        until_closed(connection)

    with serve(answer) as address:
        session = client(address, keep_cookies=True)
        with session.websocket(
            "/ws/a", params={"token": "x y"}, headers={"Authorization": "Bearer t"},
            subprotocols=["a", "b"], origin="/page",
        ) as opened:  # fmt: skip
            assert opened.subprotocol == "b"
            assert opened.reply.headers["Sec-WebSocket-Protocol"] == "b"
        with session.websocket("/ws/b", origin="https://elsewhere.example"):
            pass
    first, second = (one.decode().lower() for one in seen)
    assert first.startswith("get /ws/a?token=x+y http/1.1\r\n")
    assert f"origin: http://{address[0]}:{address[1]}\r\n" in first
    assert "authorization: bearer t\r\n" in first
    assert "sec-websocket-protocol: a, b\r\n" in first
    assert "sec-websocket-extensions" not in first
    assert "cookie: c=2\r\n" in second
    assert "origin: https://elsewhere.example\r\n" in second


def test_a_refusal_is_a_reply() -> None:
    """`handshake` returns it, and `websocket` fails the criterion with it."""

    def answer(request: bytes, connection: socket.socket) -> None:
        connection.sendall(response(403, b'{"error": "no"}', Content_Type="application/json"))

    with serve(answer) as address:
        app = client(address)
        refused = app.handshake("/ws")
        assert refused.expect(403).text == '{"error": "no"}'
        with pytest.raises(
            Mismatch, match=r"handshake of a WebSocket with 403 where 101"
        ) as caught:
            app.websocket("/ws")
    assert caught.value.exchange
    assert '{"error": "no"}' in str(caught.value.exchange)


def test_an_app_that_opens_one_answers_101() -> None:
    with serve(talking(until_closed)) as address:
        client(address).handshake("/ws").expect(101)


def test_many_open_theirs_at_the_same_moment() -> None:
    """The server answers nobody until everybody has asked."""
    everybody = threading.Barrier(5, timeout=5)

    def answer(request: bytes, connection: socket.socket) -> None:
        everybody.wait()
        connection.sendall(accept(request))
        echo(connection)

    def ask() -> str:
        with app.websocket("/ws") as opened:
            opened.send("x")
            return opened.receive_text()

    with serve(answer) as address:
        app = client(address)
        assert app.together([ask] * 5) == ["x"] * 5


def test_messages_are_heard_and_a_test_ends_what_it_has_opened() -> None:
    """A secret in a message is found as one in an answer is."""
    heard: list[Reply] = []
    ended = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("text", b"the password"))
        until_closed(connection)
        ended.set()

    with serve(talking(talk)) as address:
        app = client(address, heard=heard.append)
        app.session().websocket("/ws").receive()
        assert [one.text for one in heard] == ["", "the password"]
        app.drop_websockets()
        assert ended.wait(2)


def test_a_ping_is_answered_and_messages_meanwhile_are_kept() -> None:
    seen: list[tuple[int, bytes]] = []

    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("ping", b"are you there?") + plain("text", b"first"))
        seen.extend(frame_of(connection) for _ in range(2))
        connection.sendall(plain("pong", b"p"))
        until_closed(connection)

    with serve(talking(talk)) as address, client(address).websocket("/ws") as opened:
        opened.ping(b"p")
        assert opened.receive() == "first"
    assert sorted(seen) == [(0x89, b"p"), (0x8A, b"are you there?")]


def test_a_close_of_the_app() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(
            plain("text", b"bye") + plain("close", struct.pack("!H", 4401) + b"who?")
        )
        until_closed(connection)

    with serve(talking(talk)) as address, client(address).websocket("/ws") as opened:
        assert opened.closed(4400, 4401).reason == "who?"
        opened.send("into the void")
        with pytest.raises(
            Mismatch, match=r"closed the WebSocket with code 4401 \(who\?\) where a"
        ):
            opened.receive()
    said = lost(talk, lambda opened: opened.closed(4403))
    assert said == "It closed the WebSocket with code 4401 (who?) where 4403 was expected."


def test_fragments_and_odd_frames_are_sent_as_described() -> None:
    seen: list[tuple[int, bytes]] = []

    def talk(connection: socket.socket) -> None:
        seen.extend(frame_of(connection) for _ in range(2))
        seen.append((0, connection.recv(100)))

    with serve(talking(talk)) as address, client(address).websocket("/ws") as opened:
        opened.send_frame("text", b"ab", final=False)
        opened.send_frame(3, b"c", reserved=5)
        opened.send_frame("binary", b"d", masked=False, length=70000)
        opened.closed(1006)
    assert seen[0] == (0x01, b"ab")
    assert seen[1] == (0xD3, b"c")
    assert seen[2][1] == b"\x82\x7f" + struct.pack("!Q", 70000) + b"d"


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


def test_what_was_sent_before_the_app_left_is_received() -> None:
    """An app that refuses a large message does not read it to its end."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("close", struct.pack("!H", 1009)))

    with serve(talking(talk)) as address, client(address).websocket("/ws") as opened:
        opened.send("x" * 5_000_000)
        opened.closed(1009)


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


def test_compressed_messages_pass() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b"hello" * 100) + packer.flush(zlib.Z_SYNC_FLUSH)

    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("text", packed[:-4], reserved=4))
        until_closed(connection)

    with (
        serve(talking(talk, DEFLATE)) as address,
        client(address).websocket("/ws", compressed=True) as opened,
    ):
        assert opened.receive() == "hello" * 100


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (b"", AppUnreachable, "closed the connection in the handshake"),
        (b"nonsense\r\n\r\n", Mismatch, "no refusal in HTTP"),
        (WRONG_TOKEN, Mismatch, "accept token"),
        (b"HTTP/1.1 103 Early\r\n\r\n" * 50, Mismatch, "interim answers"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", Mismatch, "no refusal in HTTP"),
        (b"HTTP/1.1 404 X\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000, Mismatch, "64 KiB"),
    ],
)  # fmt: skip
def test_a_handshake_that_is_none(answer: bytes, kind: type[Mismatch], said: str) -> None:
    def talk(request: bytes, connection: socket.socket) -> None:
        connection.sendall(answer)

    with serve(talk) as address, pytest.raises(kind, match=said):
        client(address).websocket("/ws")


def test_a_handshake_that_drips_ends_in_time() -> None:
    def talk(request: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 101 X\r\nX: ")
        while not select.select([connection], [], [], 0.02)[0]:
            connection.sendall(b"x")

    started = time.monotonic()
    with serve(talk) as address, pytest.raises(AppTimeout, match="handshake of a WebSocket within"):
        client(address).websocket("/ws")
    assert time.monotonic() - started < LIMIT + 2


def test_evidence_is_bounded_and_cannot_be_forged() -> None:
    """A message with line breaks is one line; a long conversation keeps its two ends."""

    def talk(connection: socket.socket) -> None:
        reason = b"x\n< close 1000\x1b[2J\x00\xe2\x80\xae"
        connection.sendall(plain("text", b"a\n> forged\x1b[31m") * 100)
        connection.sendall(plain("close", struct.pack("!H", 4000) + reason))
        until_closed(connection)

    with (
        serve(talking(talk)) as address,
        client(address).websocket("/ws") as opened,
        pytest.raises(Mismatch) as caught,
    ):
        opened.closed(1000)
    shown = str(caught.value.exchange).splitlines()
    assert len(shown) < 50
    assert any("lines left out" in one for one in shown)
    assert not [one for one in shown if one.startswith((">", "< close 1000")) or "\x1b" in one]
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_binary_where_text_was_expected() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("binary", b"{}") + plain("text", b"{]") + plain("text", b"[]"))
        until_closed(connection)

    with serve(talking(talk)) as address, client(address).websocket("/ws") as opened:
        with pytest.raises(Mismatch, match="binary message where text"):
            opened.receive_json()
        with pytest.raises(Mismatch, match="no valid JSON"):
            opened.receive_json()
        with pytest.raises(Mismatch, match="should send a JSON object"):
            opened.receive_json(dict)


def test_what_no_client_can_ask_for_is_the_suites_fault() -> None:
    with serve(lambda request, connection: None) as address:
        for headers in ({"X": "a\r\nb"}, {"X": "🙂"}):
            with pytest.raises(ValueError, match="The suite"):
                client(address).websocket("/ws", headers=headers)


def test_a_suite_that_opens_none_loads_nothing_of_it() -> None:
    code = (
        "import sys, grader.exam.session;"
        "print([one for one in ('wsproto', 'h11') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
