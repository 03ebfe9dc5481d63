"""Every order to a program of a service ends in time, whatever the other side sends."""

from __future__ import annotations

import time
from typing import Any

import pytest

from grader.deadline import orders
from grader.deadline.orders import give_order
from grader.errors import PlatformError
from grader.exam.faults import PlatformFault
from grader.exam.services.identity import IdentityProvider
from grader.exam.services.objects import Objects
from grader.exam.services.payments import Payments
from grader.exam.services.program import ProgramFixture
from grader.services.double import server as double
from grader.services.double.server import ProgramServer
from grader.services.identity.server import IdentityServer
from grader.services.objects.server import ObjectServer
from grader.services.payments.server import PaymentServer
from tests.unit.deadline.peers import BODIES, HTTP, LIMIT, OK, after, flood, in_time, listening

pytestmark = pytest.mark.slow

SOME = ["says nothing", "drips its first line", "floods 100", "floods headers", "drips a body"]
PEERS = {**HTTP, **BODIES}
SERVERS = (PaymentServer, IdentityServer, ObjectServer)
FIXTURES = (Payments, IdentityProvider, Objects)


@pytest.mark.parametrize("peer", PEERS)
def test_an_order_ends(peer: str) -> None:
    """A conversation has one deadline: to connect, to send, and for the whole answer."""
    with listening(PEERS[peer]) as address, in_time(), pytest.raises(OSError):
        give_order(address, "p", {"do": "ready"}, seconds=LIMIT)


def test_an_order_that_nobody_reads_ends() -> None:
    """One that is larger than what the system holds for the other side."""
    with listening(lambda _: time.sleep(5)) as address, in_time(), pytest.raises(OSError):
        give_order(address, "p", {"do": "x" * 20_000_000}, seconds=LIMIT)


def test_an_answer_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood ends with its bytes, long before its time."""
    monkeypatch.setattr(orders, "MOST_BYTES", 200_000)
    peer = after(OK + b"\r\n", flood, b"x")
    with listening(peer) as address, in_time(), pytest.raises(OSError, match="more than"):
        give_order(address, "p", {"do": "ready"}, seconds=30)


def of(kind: type[ProgramServer]) -> ProgramServer:
    """A server without its container."""
    server = kind.__new__(kind)
    server.password = "p"
    return server


@pytest.mark.parametrize("peer", SOME)
@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_of_a_service_is_asked_in_time(
    kind: type[ProgramServer], peer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that is not ready, and as one that does not carry out an order."""
    monkeypatch.setattr(double, "ATTEMPT", LIMIT)
    monkeypatch.setattr(double, "SECONDS", LIMIT)
    server = of(kind)
    with listening(PEERS[peer]) as address:
        with in_time():
            assert server.attempt(address)
        with in_time(), pytest.raises(PlatformError, match="did not carry out an order"):
            server.order(address, "refusals")


@pytest.mark.parametrize("peer", SOME)
@pytest.mark.parametrize("kind", FIXTURES)
def test_a_suite_is_answered_in_time(kind: type[ProgramFixture], peer: str) -> None:
    """It asks twice; then it is asked who is why there is no answer."""
    asked: list[str] = []
    caller: Any = asked.append
    with listening(PEERS[peer]) as (host, port), in_time(2 * LIMIT):
        fixture = kind(caller, {"host": host, "port": port, "password": "p", "title": "It"})
        with pytest.raises(PlatformFault, match="did not answer"):
            fixture._order("charges", seconds=LIMIT)
    name = kind.fixture
    assert asked == [f"{name}.require_running", f"{name}.require_answering"]
