"""Requests at the same moment: what the app sees of them, and how they fail."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, cast

import pytest

from grader.exam.app import App
from grader.exam.client import Client
from grader.exam.faults import AppUnreachable, Mismatch
from grader.exam.reply import Reply
from grader.exam.simultaneous import MOST, simultaneously
from grader.testing import response, serve

COUNT = 12


def client(address: tuple[str, int]) -> Client:
    return Client(address, shown="http://localhost:5000", deadline=5, body_cap=1000)


def asks(app: Client, path: str) -> Callable[[], Reply]:
    return lambda: app.get(path)


def test_the_app_has_all_of_them_before_it_answers_one() -> None:
    """It answers nobody until everybody has asked; replies come in the order of the calls."""
    everybody = threading.Barrier(COUNT, timeout=5)

    def answer(request: bytes, connection: socket.socket) -> None:
        everybody.wait()
        connection.sendall(response(200, request.split()[1]))

    with serve(answer) as address:
        app = client(address)
        replies = app.together([asks(app, f"/{number}") for number in range(COUNT)])
    assert [one.text for one in replies] == [f"/{number}" for number in range(COUNT)]


def test_a_call_sends_more_than_one_request() -> None:
    """Only the first of them waits for the others."""

    def answer(request: bytes, connection: socket.socket) -> None:
        connection.sendall(response(200, request.split()[1]))

    with serve(answer) as address:
        app = client(address)

        def both() -> Reply:
            app.get("/first")
            return app.get("/second")

        assert [one.text for one in app.together([both, both])] == ["/second", "/second"]


def test_one_that_sends_nothing_keeps_nobody() -> None:
    """What it raises is raised once the others are over."""
    seen = []

    def answer(request: bytes, connection: socket.socket) -> None:
        seen.append(request)
        connection.sendall(response(200, b"x"))

    def fail() -> Reply:
        msg = "no"
        raise Mismatch(msg)

    with serve(answer) as address:
        app = client(address)
        with pytest.raises(Mismatch, match="no"):
            app.together([asks(app, "/"), fail, asks(app, "/")])
    assert len(seen) == 2


def test_a_command_keeps_no_request_waiting() -> None:
    """It begins with the requests that are made together with it, and they do not await its end."""
    asked = threading.Event()

    def answer(request: bytes, connection: socket.socket) -> None:
        asked.set()
        connection.sendall(response(200, b"x"))

    def command(*arguments: str, **_: Any) -> bool:
        assert arguments == ("job",)
        return asked.wait(3)

    with serve(answer) as address:
        app = App(
            cast("Any", None), address, command=cast("Any", command),
            shown="http://localhost:5000", deadline=5, body_cap=1000,
        )  # fmt: skip
        seen, reply = app.together([lambda: app.run(["worker", "job"]), asks(app, "/")])
    assert seen, "The request waited until the command had ended."
    assert isinstance(reply, Reply)


def test_an_app_that_takes_no_connection_is_its_own_loss() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
    app = client(address)
    with pytest.raises(AppUnreachable):
        app.together([asks(app, "/"), asks(app, "/")])


def test_no_call_and_too_many() -> None:
    assert simultaneously([]) == []
    with pytest.raises(ValueError, match="100 are the most"):
        simultaneously([lambda: None] * (MOST + 1))


class Patient(BaseHTTPRequestHandler):
    """Keeps connections open, and notes when each request came."""

    protocol_version = "HTTP/1.1"
    came: ClassVar[dict[str, float]] = {}

    def do_GET(self) -> None:
        self.came[self.path] = time.monotonic()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def test_a_connection_that_is_open_already_waits_as_well() -> None:
    """The others may take their time to connect."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Patient)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = client(("127.0.0.1", server.server_port))
    app.get("/warm")

    def late() -> None:
        late_one = client(("127.0.0.1", server.server_port))
        threading.Event().wait(0.3)
        late_one.get("/late")
        late_one.disconnect()

    app.together([asks(app, "/early"), late])
    app.disconnect()
    server.shutdown()
    server.server_close()
    assert abs(Patient.came["/early"] - Patient.came["/late"]) < 0.2


class Impatient(Patient):
    """Closes a connection that says nothing for a while, as gunicorn does after two seconds."""

    timeout = 0.7


@pytest.mark.slow
@pytest.mark.parametrize("warm", [False, True])
def test_who_waited_for_others_too_long_connects_again(*, warm: bool) -> None:
    """The server has closed the connection meanwhile, and that is not the app's fault."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Impatient)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = Client(
        ("127.0.0.1", server.server_port), shown="http://localhost:5000", deadline=1, body_cap=99
    )
    if warm:
        app.get("/warm")

    def late() -> Reply:
        threading.Event().wait(1.2)
        return app.session().get("/late")

    replies = app.together([asks(app, "/early"), late])
    app.disconnect()
    server.shutdown()
    server.server_close()
    assert [one.status for one in replies] == [200, 200]
    assert abs(Patient.came["/early"] - Patient.came["/late"]) < 0.2


class Closing(Patient):
    """Closes a connection that lay idle just as the next request comes over it."""

    last = 0.0

    def do_GET(self) -> None:
        idle = self.last and time.monotonic() - self.last > 0.6
        self.last = time.monotonic()
        if idle:
            self.close_connection = True  # without an answer
            return
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


@pytest.mark.slow
def test_connections_of_one_moment_are_not_used_at_the_next() -> None:
    """While one of them goes on being used, the others lie idle until the server closes them."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Closing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = client(("127.0.0.1", server.server_port))
    for _ in range(2):
        replies = app.together([asks(app, "/") for _ in range(COUNT)])
        assert [one.status for one in replies] == [200] * COUNT
        end = time.monotonic() + 1.2
        while time.monotonic() < end:
            assert app.get("/one").status == 200
            threading.Event().wait(0.1)
    app.disconnect()
    server.shutdown()
    server.server_close()


class Forgetful(Patient):
    """Takes an open connection for idle, and closes it, as the second request comes over it."""

    asked = 0

    def do_GET(self) -> None:
        self.asked += 1
        if self.asked > 1:
            self.close_connection = True  # without an answer
            return
        if self.path == "/slow":
            threading.Event().wait(0.7)
        super().do_GET()


@pytest.mark.parametrize("count", [1, 3])
def test_a_connection_that_may_be_idle_is_not_used_again(count: int) -> None:
    """On a busy machine an answer is read late, and the server has lost its patience by then."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Forgetful)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = client(("127.0.0.1", server.server_port))

    def both() -> Reply:
        app.get("/slow" if count == 1 else "/first")
        return app.get("/second")

    replies = [both()] if count == 1 else app.together([both] * count)
    assert [one.status for one in replies] == [200] * count
    server.shutdown()
    server.server_close()
