"""Every conversation with a container over HTTP ends in time, whatever the other side sends."""

from __future__ import annotations

import socket
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from grader.app_spec import Readiness
from grader.deadline import ANY_SIZE, DeadlineSocket, TooMuch, dial
from grader.deadline.http import MOST_INTERIM, status_of
from grader.exam.client import Client
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.sandbox import launch
from grader.sandbox.app_settings import AppSettings
from tests.unit.deadline.peers import (
    BODIES,
    HTTP,
    LIMIT,
    OK,
    Peer,
    after,
    flood,
    in_time,
    listening,
    often,
    silence,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("peer", HTTP)
def test_a_request_for_readiness_ends(peer: str) -> None:
    """One attempt is over within its seconds, and is no answer."""
    readiness = Readiness(path="/", status=200, within=5)
    with listening(HTTP[peer]) as address, in_time():
        assert not launch._answers(address, readiness, launch.SeenAnswers(), 9, LIMIT)


class Never:
    """A container that runs and prints nothing."""

    id = "x"

    def state(self) -> Any:
        return SimpleNamespace(
            running=True, exit_code=0, oom_killed=False, restarts=0, waiting=False
        )

    def logs(self, lines: int = 0) -> str:
        return ""


@pytest.mark.parametrize("peer", ["drips 100", "floods 100", "drips one header", "says nothing"])
def test_waiting_for_readiness_ends(peer: str) -> None:
    """With the sentence that the app does not answer, though requests overlap the limit."""
    surroundings = AppSettings(port=5000)
    with listening(HTTP[peer]) as address, in_time():
        failure = launch.await_ready(
            Never(), address, Readiness(path="/", status=200, within=LIMIT), surroundings,  # type: ignore[arg-type]
            cancel=threading.Event(), listening=lambda _: (),
        )  # fmt: skip
    assert failure is not None


@pytest.mark.parametrize("peer", [*HTTP, *BODIES])
def test_a_request_of_the_suite_ends(peer: str) -> None:
    """As a loss of the app's, on a new connection."""
    client = Client(("", 0), shown="", deadline=LIMIT, body_cap=50_000)
    with listening({**HTTP, **BODIES}[peer]) as address, in_time():
        client = Client(address, shown="http://localhost", deadline=LIMIT, body_cap=50_000)
        with pytest.raises((AppTimeout, AppUnreachable, Mismatch)):
            client.get("/")


@pytest.mark.parametrize("peer", [*HTTP, *BODIES])
def test_a_request_over_a_connection_that_is_kept_ends(peer: str) -> None:
    """The deadline of the first request is not the second one's, and the second has one."""
    then = {**HTTP, **BODIES}[peer]

    def well_at_first(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(OK + b"Content-Length: 0\r\n\r\n")
        connection.recv(65536)
        then(connection)

    with listening(well_at_first) as address:
        client = Client(address, shown="http://localhost", deadline=LIMIT, body_cap=50_000)
        client.get("/")
        with in_time(), pytest.raises((AppTimeout, AppUnreachable, Mismatch)):
            client.get("/")


def interim(*statuses: int) -> Peer:
    def peer(connection: socket.socket) -> None:
        connection.recv(65536)
        for status in statuses:
            connection.sendall(b"HTTP/1.1 %d X\r\nLink: </a>\r\n\r\n" % status)
        connection.sendall(OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nhi")

    return peer


@pytest.mark.parametrize("statuses", [(100,), (103,), (102, 103), (103,) * MOST_INTERIM])
def test_a_few_interim_answers_are_skipped(statuses: tuple[int, ...]) -> None:
    """The final answer counts (RFC 9110, section 15.2)."""
    with listening(interim(*statuses)) as address:
        assert status_of(address, "/", 2) == 200
        client = Client(address, shown="", deadline=2, body_cap=100)
        reply = client.get("/")
    assert (reply.status, reply.text) == (200, "hi")


def test_more_are_named() -> None:
    """They are the app's fault, and said to be."""
    with listening(interim(*[103] * (MOST_INTERIM + 1))) as address:
        client = Client(address, shown="", deadline=2, body_cap=100)
        with pytest.raises(Mismatch, match="interim answers"):
            client.get("/")


def test_a_switch_of_protocols_is_an_answer() -> None:
    """Nobody asked for it, and what follows is no answer to the next request."""

    def upgrade(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
        often(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with listening(upgrade) as address, in_time():
        client = Client(address, shown="", deadline=LIMIT, body_cap=100)
        assert client.get("/").status == 101
        assert client.get("/").status == 101


def test_what_others_set_for_a_time_out_does_not_count() -> None:
    """Not even none at all."""
    with listening(silence) as address, dial(address, LIMIT) as connection, in_time():
        connection.settimeout(None)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_sending_has_the_same_end() -> None:
    """A peer that never reads does not hold up the one who writes."""
    over = threading.Event()

    def never_reads(connection: socket.socket) -> None:
        over.wait(10)

    with listening(never_reads) as address:
        with dial(address, LIMIT) as connection, in_time(), pytest.raises(TimeoutError):
            connection.sendall(b"x" * 50_000_000)
        over.set()


def test_more_bytes_than_it_may_have_end_a_conversation() -> None:
    """However fast they come; the next conversation has a bound of its own."""
    with listening(after(b"", flood, b"x")) as address, dial(address, 5, 100_000) as connection:
        with pytest.raises(TooMuch):
            _drain(connection)
        connection.begin(5)
        assert connection.room == ANY_SIZE
        assert connection.recv(1) == b"x"


def _drain(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def test_a_socket_is_taken_over_whole() -> None:
    """The one before cannot be used any more, and no descriptor is left."""
    left, right = socket.socketpair()
    with right, DeadlineSocket.over(left, 1) as own:
        assert left.fileno() == -1
        right.sendall(b"x")
        assert own.recv(1) == b"x"
