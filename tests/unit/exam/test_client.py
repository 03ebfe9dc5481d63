"""HTTP to an app that does its worst: every request ends, in time and within bounds."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
from collections.abc import Callable

import pytest

from grader.exam.client import Client
from grader.exam.connection import Waited
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.exam.reply import Reply, curl_line
from grader.testing import reply, response, serve

SHOWN = "http://localhost:5000"


def client(address: tuple[str, int], **options: float) -> Client:
    settings = {"deadline": 0.5, "body_cap": 50_000} | options
    return Client(
        address, shown=SHOWN, deadline=settings["deadline"], body_cap=int(settings["body_cap"])
    )


def test_a_good_answer_has_its_parts() -> None:
    """Status, headers in any case, text and JSON."""
    with serve(reply(201, '{"a": 1}', Content_Type="application/json")) as address:
        answer = client(address).post("/things", json={"x": "ü"})
    assert answer.expect(200, 201).json(dict) == {"a": 1}
    assert answer.headers["content-TYPE"] == "application/json"
    assert answer.curl == (
        "curl -i -X POST -H 'Content-Type: application/json' --data-raw '{\"x\": \"ü\"}' "
        "http://localhost:5000/things"
    )


def test_a_wrong_status_carries_its_evidence() -> None:
    """The curl line and what came back go with the failure."""
    with serve(reply(500, "boom", Content_Type="text/plain")) as address:
        answer = client(address).get("/x", params={"q": "a b"})
    with pytest.raises(Mismatch, match="answered 500 where 200 or 201") as caught:
        answer.expect(200, 201)
    assert str(caught.value.exchange) == (
        "curl -i 'http://localhost:5000/x?q=a+b'\n< HTTP 500\n< Content-Type: text/plain\nboom"
    )


def drip(request: bytes, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(100):
        connection.sendall(b".")
        time.sleep(0.05)


def drip_head(request: bytes, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        connection.sendall(f"X-{number}: y\r\n".encode())
        time.sleep(0.05)


def silent(request: bytes, connection: socket.socket) -> None:
    threading.Event().wait(5)


@pytest.mark.slow
@pytest.mark.parametrize("answer", [drip, drip_head, silent])
def test_the_deadline_is_for_the_whole_request(answer: object) -> None:
    """Neither a slow drip, in head or body, nor silence outlasts it."""
    started = time.monotonic()
    with serve(answer) as address, pytest.raises(AppTimeout, match=r"within 0\.5 s"):  # type: ignore[arg-type]
        client(address).get("/")
    assert time.monotonic() - started < 1.5


def endless(request: bytes, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def bomb(request: bytes, connection: socket.socket) -> None:
    body = gzip.compress(b" " * 50_000_000)
    connection.sendall(response(200, body, **{"Content-Encoding": "gzip"}))


@pytest.mark.parametrize("answer", [endless, bomb])
@pytest.mark.slow
def test_a_body_is_bounded_as_it_is_decoded(answer: object) -> None:
    """Neither an endless body nor a few bytes that unfold to many are read whole."""
    with serve(answer) as address, pytest.raises(Mismatch, match="longer than 48 KiB"):  # type: ignore[arg-type]
        client(address, deadline=5).get("/")


def test_a_compressed_answer_is_read() -> None:
    """An app may compress though it was not asked to."""

    def answer(request: bytes, connection: socket.socket) -> None:
        connection.sendall(response(200, gzip.compress(b"text"), **{"Content-Encoding": "gzip"}))

    with serve(answer) as address:
        assert client(address).get("/").text == "text"


def cut(request: bytes, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")


def nothing(request: bytes, connection: socket.socket) -> None:
    return None


def reset(request: bytes, connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


@pytest.mark.parametrize("answer", [cut, nothing, reset])
def test_a_connection_that_ends_early_is_named(answer: object) -> None:
    """A cut body, no answer, a reset: the app may have crashed."""
    with serve(answer) as address, pytest.raises(AppUnreachable, match="may have crashed"):  # type: ignore[arg-type]
        client(address).get("/")


def test_nobody_there_is_no_crash_of_ours() -> None:
    """A refused connection is the app's loss."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
    with pytest.raises(AppUnreachable):
        client(address).get("/")


def garbage(request: bytes, connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-nope\r\n")


def test_what_is_no_http_is_named() -> None:
    """An answer in another protocol fails the criterion."""
    with serve(garbage) as address, pytest.raises(Mismatch):
        client(address).get("/")


def test_redirects_are_not_followed() -> None:
    """The server that a Location names is never asked."""
    asked = []

    def elsewhere(request: bytes, connection: socket.socket) -> None:
        asked.append(request)

    with serve(elsewhere) as other:
        target = f"http://{other[0]}:{other[1]}/"
        with serve(reply(302, "", Location=target)) as address:
            assert client(address).get("/").status == 302
    assert asked == []


def test_only_a_session_keeps_cookies() -> None:
    """Requests of the app's own client share nothing; those of a session do."""
    seen = []

    def answer(request: bytes, connection: socket.socket) -> None:
        seen.append(b"Cookie: a=1" in request)
        connection.sendall(response(200, b"", **{"Set-Cookie": "a=1; Path=/"}))

    with serve(answer) as address:
        app = client(address)
        app.get("/")
        app.get("/")
        browser = app.session()
        browser.get("/")
        browser.get("/")
    assert seen == [False, False, False, True]


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request goes to the app, whatever http_proxy says."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with serve(reply(200, "here")) as address:
        assert client(address).get("/").text == "here"


@pytest.mark.parametrize(
    ("content_type", "body", "why"),
    [
        ("text/html", "{}", "Content-Type is 'text/html'"),
        ("", "{}", "no Content-Type"),
        ("application/json", "[]", "should be a JSON object"),
        ("application/json", "{", "no valid JSON"),
    ],
)
def test_json_is_asked_for_strictly(content_type: str, body: str, why: str) -> None:
    """Type of content, form and kind of value each have their sentence."""
    headers = {"Content_Type": content_type} if content_type else {}
    with serve(reply(200, body, **headers)) as address:
        answer = client(address).get("/")
    with pytest.raises(Mismatch, match=why):
        answer.json(dict)


def test_json_is_taken_without_its_label() -> None:
    """Where the Content-Type has a criterion of its own; form and kind still count."""
    with serve(reply(200, '{"a": 1}', Content_Type="Text/HTML; charset=utf-8")) as address:
        answer = client(address).get("/")
    assert answer.media_type == "text/html"
    assert answer.json(dict, labelled=False) == {"a": 1}
    with pytest.raises(Mismatch, match="should be a JSON array"):
        answer.json(list, labelled=False)


def test_evidence_shows_the_headers_that_criteria_are_about() -> None:
    """And no others: they would bury what matters."""
    headers = {"Vary": "Origin", "Access_Control_Allow_Origin": "*", "X_Request_ID": "7"}
    more = {"X_Powered_By": "love", "WWW_Authenticate": "Bearer"}
    with serve(reply(401, "", **headers, **more)) as address:
        shown = client(address).get("/").exchange.answer
    assert shown.splitlines() == [
        "< HTTP 401", "< Vary: Origin", "< Access-Control-Allow-Origin: *", "< X-Request-ID: 7",
        "< WWW-Authenticate: Bearer",
    ]  # fmt: skip


def test_a_curl_line_cannot_write_to_a_terminal() -> None:
    """What was sent is cleaned before it is shown."""
    assert "\x1b" not in curl_line("POST", "http://x/", {}, b"\x1b[31m")


@pytest.mark.parametrize(
    ("status", "wanted", "hinted"),
    [(500, 201, False), (500, 400, True), (404, 201, True), (200, 404, True)],
)
def test_a_hint_fits_unless_the_app_broke(status: int, wanted: int, hinted: bool) -> None:
    """How to refuse a bad request is a help where it ends in a 500; how to answer one is none."""
    reply = Reply(status=status, headers={}, body=b"", seconds=0.1, curl="curl", began=12.0)
    with pytest.raises(Mismatch) as caught:
        reply.expect(wanted)
    assert caught.value.hinted is hinted
    assert caught.value.exchange is not None
    assert caught.value.exchange.broke == (status == 500)
    assert caught.value.exchange.began == 12.0


@pytest.mark.parametrize(("owed", "answered"), [(0.0, False), (0.3, True)])
def test_a_machine_that_owes_time_gives_it(owed: float, answered: bool) -> None:
    """An answer that comes late counts where the app did not have its processors."""

    def late(request: bytes, connection: socket.socket) -> None:
        time.sleep(0.5)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    with serve(late) as address:
        waited = Waited(owed=lambda: owed)
        client = Client(address, shown="http://app", deadline=0.3, body_cap=1000, waited=waited)
        if answered:
            assert client.get("/").text == "hi"
        else:
            with pytest.raises(AppTimeout):
                client.get("/")


def test_even_an_overloaded_machine_owes_no_more_than_twice_the_limit() -> None:
    stop = threading.Event()

    def never(request: bytes, connection: socket.socket) -> None:
        stop.wait(10)

    with serve(never) as address:
        waited = Waited(owed=lambda: 0.1)
        client = Client(address, shown="http://app", deadline=0.2, body_cap=1000, waited=waited)
        began = time.monotonic()
        with pytest.raises(AppTimeout):
            client.get("/")
        assert 0.55 < time.monotonic() - began < 2
        stop.set()


class Abrupt:
    """Answers each connection's first request and closes it at the second one, as `at_end` does."""

    def __init__(self, at_end: Callable[[socket.socket], None]) -> None:
        self.at_end = at_end
        self.seen: list[bytes] = []

    def __call__(self, request: bytes, connection: socket.socket) -> None:
        self.seen.append(request.partition(b"\r\n")[0])
        connection.sendall(response(401, b"no", Connection="keep-alive"))
        if connection.recv(4096):
            self.at_end(connection)


def reset_at_once(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("at_end", [lambda connection: None, reset_at_once])
def test_an_open_connection_that_is_closed_unused_costs_nothing(
    at_end: Callable[[socket.socket], None],
) -> None:
    """The request goes out again, as from a browser, over a new connection."""
    server = Abrupt(at_end)
    with serve(server) as address:
        asking = client(address)
        for _ in range(3):
            assert asking.post("/x", json={"a": 1}).status == 401
    assert server.seen == [b"POST /x HTTP/1.1"] * 3


@pytest.mark.parametrize("begun", [b"HTTP/1.1 200 OK\r\nConte", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_that_had_begun_is_not_asked_for_again(begun: bytes) -> None:
    """Part of an answer is no closed connection."""

    def cut_off(connection: socket.socket) -> None:
        connection.sendall(begun)
        reset_at_once(connection)

    server = Abrupt(cut_off)
    with serve(server) as address:
        asking = client(address)
        asking.get("/x")
        with pytest.raises(AppUnreachable, match="without a complete answer"):
            asking.get("/x")
    assert len(server.seen) == 1


def test_a_new_connection_that_is_closed_is_not_tried_again() -> None:
    """An app that crashes on a request is asked once."""
    seen = []

    def crash(request: bytes, connection: socket.socket) -> None:
        seen.append(request)

    with serve(crash) as address, pytest.raises(AppUnreachable):
        client(address).post("/x", json={})
    assert len(seen) == 1
