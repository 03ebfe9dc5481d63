"""The gateway's command, where it is reached, and the ports it was given."""

from __future__ import annotations

import socket
from typing import Any, cast

import pytest

from grader.errors import PlatformError
from grader.sandbox.engine import Engine
from grader.sandbox.gateway import Gateway, _accepts, _has_bridges_here, _published, _relay
from grader.testing import serve


def test_each_route_has_a_relay() -> None:
    """The last one takes the place of the shell, so that the container ends with it."""
    command = _relay({5000: "app:5000", 3306: "mysql:3306"})
    first, last = command.split(" & ")
    assert first.startswith("socat TCP4-LISTEN:5000,")
    assert " TCP4:app:5000,connect-timeout=1" in first
    assert last.startswith("exec socat TCP4-LISTEN:3306,")
    assert command.count("nodelay") == 4


def test_a_single_route_needs_no_background() -> None:
    """One relay is the container's process."""
    assert _relay({5000: "app:5000"}).startswith("exec socat ")


def test_a_target_cannot_end_the_command() -> None:
    """What goes into the shell is quoted."""
    assert "'TCP4:a; reboot," in _relay({1: "a; reboot"})


def test_published_ports_are_found_or_missed() -> None:
    """A gateway without its ports has ended."""
    ports = {"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "32768"}]}
    assert _published(ports, {5000: "app:5000"}) == {5000: ("127.0.0.1", 32768)}
    with pytest.raises(PlatformError, match="The gateway ended"):
        _published({"5000/tcp": None}, {5000: "app:5000"})


class FakeApi:
    """An engine's default bridge, as the engine describes it."""

    def __init__(self, gateway: str | None) -> None:
        self._config = [{"Gateway": gateway}] if gateway else []

    def inspect_network(self, name: str) -> Any:
        """What is asked for is the bridge."""
        assert name == "bridge"
        return {"IPAM": {"Config": self._config}}


@pytest.mark.parametrize(
    ("gateway", "is_local", "here"),
    [
        ("127.0.0.1", True, True),
        ("127.0.0.1", False, False),
        ("192.0.2.1", True, False),  # RFC 5737: nobody's
        (None, True, False),
    ],
    ids=["on this machine", "over TCP", "in a virtual machine or rootless", "no bridge"],
)
def test_containers_are_reached_where_their_bridge_is(
    gateway: str | None, is_local: bool, here: bool
) -> None:
    """The address of the bridge tells whether it is in this machine's network."""
    client = type("Client", (), {"api": FakeApi(gateway)})()
    engine = Engine(cast("Any", client), "28.0", is_local=is_local)
    assert _has_bridges_here(engine) is here


@pytest.mark.slow
def test_a_gateway_accepts_once_all_its_relays_do() -> None:
    """One that listens on some of its ports only has not started yet, or never will."""
    with serve(lambda request, connection: None) as address, socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        one = {5000: address}
        assert _accepts(Gateway(container="c", addresses=one))
        assert not _accepts(Gateway(container="c", addresses=one | {1: bound.getsockname()}))
