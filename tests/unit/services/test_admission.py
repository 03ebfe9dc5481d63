"""Who may connect to the services' programs, and how often."""

from __future__ import annotations

import asyncio
import errno
import socket

import pytest

from grader.services.double import admission
from grader.services.double.admission import Admission, Pace, PortListener


class Clock:
    """A time that a test moves."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(admission, "time", made)
    return made


def test_a_pace_lets_some_through_and_then_so_many_a_second(clock: Clock) -> None:
    pace = Pace(10.0, 3.0)
    assert [pace.admits() for _ in range(5)] == [True, True, True, False, False]
    clock.now += 0.1
    assert [pace.admits(), pace.admits()] == [True, False]
    clock.now += 100
    assert [pace.admits() for _ in range(4)] == [True, True, True, False]


def test_what_is_taken_ahead_is_waited_for(clock: Clock) -> None:
    pace = Pace(10.0, 3.0)
    assert pace.take(3.0) == 0
    assert pace.take(1.0) == pytest.approx(0.1)
    assert pace.take(5.0) == pytest.approx(0.6)
    clock.now += 0.6
    assert pace.take(0.0) == pytest.approx(0)


def test_each_host_has_its_own_share(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(admission, "CLIENTS", 2)
    monkeypatch.setattr(admission, "BURST", 2.0)
    found, cut = Admission(), []
    for name in ("a1", "a2", "b1", "a3"):
        found.enter(name[0], name, lambda name=name: cut.append(name))  # type: ignore[misc]
    assert cut == ["a1"]
    found.leave("a", "a2")
    found.leave("a", "a2")
    found.enter("a", "a4", lambda: cut.append("a4"))
    assert cut == ["a1"]
    found.cut(but="a3")
    assert cut == ["a1", "a4", "b1"]
    assert [found.admits("a") for _ in range(3)] == [True, True, False]
    assert found.admits("b")


def test_a_listener_goes_on_where_there_is_no_room_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Too many open files are no reason to end, nor is a client that has gone already."""
    monkeypatch.setattr(admission, "ANYWHERE", "127.0.0.1")
    failing = [OSError(errno.EMFILE, "too many files"), ConnectionAbortedError()]

    class Socket:
        def __init__(self, real: socket.socket) -> None:
            self._real = real

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

        def accept(self) -> tuple[socket.socket, object]:
            if failing:
                raise failing.pop(0)
            return self._real.accept()

    async def run() -> bytes:
        listener = PortListener(0, Admission(), lambda host: Greeting())
        real = listener._socket
        listener._socket = Socket(real)  # type: ignore[assignment]
        reader, writer = await asyncio.open_connection(*real.getsockname())
        said = await reader.read()
        writer.close()
        listener.close()
        listener.close()
        return said

    assert asyncio.run(run()) == b"hello"
    assert failing == []


class Greeting(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"hello")
        transport.close()
