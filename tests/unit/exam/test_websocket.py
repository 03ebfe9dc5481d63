"""WebSockets to an app: opened, spoken over, closed, refused."""

from __future__ import annotations

import select
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib

import pytest

from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.exam.reply import Reply
from grader.testing import response, serve
from tests.unit.exam.websocket_peers import (
    DEFLATE,
    LIMIT,
    WRONG_TOKEN,
    accept,
    client,
    echo,
    frame_of,
    lost,
    plain,
    talking,
    until_closed,
)


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


def test_what_was_sent_before_the_app_left_is_received() -> None:
    """An app that refuses a large message does not read it to its end."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(plain("close", struct.pack("!H", 1009)))

    with serve(talking(talk)) as address, client(address).websocket("/ws") as opened:
        opened.send("x" * 5_000_000)
        opened.closed(1009)


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
