"""Conversations with RabbitMQ end in time and size, whatever the other side sends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pika import frame as frames
from pika import spec

from grader.deadline.amqp import (
    AmqpBlocked,
    AmqpConnection,
    AmqpError,
    AmqpLost,
    AmqpRefused,
    open_amqp,
)
from grader.waiting import wait_until

LIMIT = 0.3
"""Seconds that each conversation may take."""
GRACE = 4.0
MOST = 200_000
Answers = dict[type[Any], list[Any]]


class Talk:
    """The server's side of one connection: answers methods by their type."""

    def __init__(self, connection: socket.socket, answers: Answers) -> None:
        self._connection = connection
        self._answers = {**LOG_IN, **answers}
        self._read = b""
        self.got: list[Any] = []

    def run(self) -> None:
        self._connection.recv(8)  # the greeting
        self.say(0, spec.Connection.Start(server_properties={}))
        while frame := self._next():
            method = getattr(frame, "method", None)
            self.got.append(frame)
            for one in self._answers.get(type(method), []):
                self.say(frame.channel_number, one)

    def say(self, channel: int, one: Any) -> None:
        if isinstance(one, bytes):
            self._connection.sendall(one)
        elif isinstance(one, frames.Frame):
            self._connection.sendall(one.marshal())
        else:
            of_connection = one.__class__.__qualname__.startswith("Connection.")
            frame = frames.Method(0 if of_connection else channel, one)
            self._connection.sendall(frame.marshal())

    def _next(self) -> Any:
        while True:
            used, frame = frames.decode_frame(self._read)
            if frame is not None:
                self._read = self._read[used:]
                return frame
            some = self._connection.recv(65536)
            if not some:
                return None
            self._read += some


LOG_IN: Answers = {
    spec.Connection.StartOk: [spec.Connection.Tune(8, 131_072, 60)],
    spec.Connection.Open: [spec.Connection.OpenOk()],
    spec.Channel.Open: [spec.Channel.OpenOk()],
    spec.Confirm.Select: [spec.Confirm.SelectOk()],
}


@contextmanager
def serving(peer: Callable[[socket.socket], None]) -> Iterator[tuple[str, int]]:
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
                peer(connection)
            except OSError:
                return  # the client is gone

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        host, port = listener.getsockname()[:2]
        yield host, port


@contextmanager
def talking(
    answers: Answers, got: list[Any] | None = None, seconds: float = 10
) -> Iterator[AmqpConnection]:
    """A connection to a server with those answers; `got` is what that has been sent."""

    def peer(connection: socket.socket) -> None:
        talk = Talk(connection, answers)
        if got is not None:
            talk.got = got
        talk.run()

    with serving(peer) as address:
        opened = open_amqp(
            address, user="u", password="p", vhost="v", login=10, statement=seconds, most=MOST
        )
        try:
            yield opened
        finally:
            opened.close()


def header(size: int, **properties: Any) -> Any:
    return frames.Header(1, size, spec.BasicProperties(**properties))


GOT = spec.Basic.GetOk(
    delivery_tag=7, redelivered=True, exchange="", routing_key="jobs", message_count=3
)


def test_a_log_in_names_user_and_virtual_host() -> None:
    got: list[Any] = []
    with talking({}, got):
        methods = [one.method for one in got]
    assert methods[0].response in {b"\0u\0p", "\0u\0p"}
    assert next(one for one in methods if isinstance(one, spec.Connection.Open)).virtual_host == "v"


def test_a_message_comes_whole_and_is_acknowledged() -> None:
    """In the parts in which it was sent."""
    got: list[Any] = []
    parts = [frames.Body(1, b"a" * 100_000), frames.Body(1, b"b" * 10)]
    content = [GOT, header(100_010, delivery_mode=2, headers={"x": 1}), *parts]
    with talking({spec.Basic.Get: content}, got) as opened:
        found = opened.get("jobs")
        opened.close()
    assert found is not None
    assert (len(found.body), found.left, found.redelivered) == (100_010, 3, True)
    assert found.properties["headers"] == {"x": 1}
    assert found.properties["delivery_mode"] == 2


def test_an_empty_queue_gives_nothing() -> None:
    with talking({spec.Basic.Get: [spec.Basic.GetEmpty()]}) as opened:
        assert opened.get("jobs") is None


def test_a_queue_is_counted_and_emptied() -> None:
    answers: Answers = {
        spec.Queue.Declare: [spec.Queue.DeclareOk("jobs", 5, 2)],
        spec.Queue.Purge: [spec.Queue.PurgeOk(5)],
    }
    with talking(answers) as opened:
        assert opened.counted("jobs") == (5, 2)
        assert opened.purge("jobs") == 5


def test_what_is_published_is_confirmed() -> None:
    """A message larger than a frame goes in several."""
    got: list[Any] = []
    with talking({spec.Basic.Publish: [spec.Basic.Ack(1)]}, got) as opened:
        assert opened.publish("", "jobs", b"x" * 150_000, {"delivery_mode": 2}) is True
        assert wait_until(lambda: len(bodies(got)) == 2, within=5)
    assert b"".join(bodies(got)) == b"x" * 150_000


def bodies(got: list[Any]) -> list[bytes]:
    return [one.fragment for one in got if isinstance(one, frames.Body)]


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([spec.Basic.Nack(1)], AmqpRefused),
        ([spec.Connection.Blocked("low on memory")], AmqpBlocked),
        ([spec.Channel.Close(404, "NOT_FOUND", 0, 0)], AmqpRefused),
        ([spec.Connection.Close(541, "INTERNAL_ERROR", 0, 0)], AmqpRefused),
    ],
)
def test_what_is_not_taken_is_told(answers: list[Any], kind: type[AmqpError]) -> None:
    with talking({spec.Basic.Publish: answers}) as opened, pytest.raises(kind):
        opened.publish("", "jobs", b"x", {})


def test_what_no_queue_gets_is_told() -> None:
    returned = [
        spec.Basic.Return(312, "NO_ROUTE", "", "jobs"), header(1), frames.Body(1, b"x"),
        spec.Basic.Ack(1),
    ]  # fmt: skip
    with talking({spec.Basic.Publish: returned}) as opened:
        assert opened.publish("", "jobs", b"x", {}) is False


def test_a_refused_call_leaves_a_channel_for_the_next() -> None:
    got: list[Any] = []
    refused = {spec.Queue.Declare: [spec.Channel.Close(404, "NOT_FOUND - no queue", 50, 10)]}
    with talking(refused, got) as opened:
        for _ in range(2):
            with pytest.raises(AmqpRefused) as found:
                opened.counted("jobs")
            assert found.value.code == 404
    assert sum(isinstance(getattr(one, "method", None), spec.Channel.Open) for one in got) == 2


def test_a_message_that_is_too_large_is_not_read() -> None:
    with talking({spec.Basic.Get: [GOT, header(1 << 40)]}) as opened:
        with pytest.raises(AmqpLost) as found:
            opened.get("jobs")
        assert found.value.late


def silence(connection: socket.socket) -> None:
    connection.settimeout(5)
    while connection.recv(65536):
        pass


def often(connection: socket.socket, piece: bytes) -> None:
    while True:
        connection.sendall(piece)
        time.sleep(0.03)


def flood(connection: socket.socket, piece: bytes) -> None:
    while True:
        connection.sendall(piece * 4096)


HEARTBEAT = frames.Heartbeat().marshal()
WAYS: dict[str, Callable[[socket.socket], None]] = {
    "says nothing": silence,
    "drips heartbeats": lambda one: often(one, HEARTBEAT),
    "floods with heartbeats": lambda one: flood(one, HEARTBEAT),
    "a frame without end": lambda one: flood(one, b"\x01\0\0\x7f\xff\xff\xff"),
    "a frame that drips": lambda one: often(one, b"\x01\0\0\0\0\x20\0"),
    "what is no RabbitMQ": lambda one: often(one, b"HTTP/1.1 200 OK\r\n\r\n"),
    "methods that are none": lambda one: often(one, b"\x01\0\0\0\0\0\x04\xff\xff\xff\xff\xce"),
    "another version": lambda one: one.sendall(b"AMQP\0\0\x09\x01"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_a_log_in_ends(name: str) -> None:
    began = time.monotonic()
    with serving(WAYS[name]) as address, pytest.raises(AmqpError):
        open_amqp(address, user="u", password="p", vhost="v", login=LIMIT, statement=LIMIT)
    assert time.monotonic() - began < GRACE


@pytest.mark.slow
@pytest.mark.parametrize("piece", [HEARTBEAT, b"\x08"])
def test_a_call_ends(piece: bytes) -> None:
    """Heartbeats without end are no answer."""
    began = time.monotonic()
    with (
        talking({spec.Queue.Declare: [piece * 100_000]}, seconds=LIMIT) as opened,
        pytest.raises(AmqpLost),
    ):
        opened.counted("jobs")
    assert time.monotonic() - began < GRACE


def test_nobody_there_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()[:2]
    with pytest.raises(AmqpLost) as found:
        open_amqp((host, port), user="u", password="p", vhost="v", login=1, statement=1)
    assert not found.value.late
