"""The gateway's command, where it is reached, and the ports it was given."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from grader.errors import PlatformError
from grader.sandbox.engine import Engine
from grader.sandbox.gateway import Gateway, _accepts, _has_bridges_here, _published, _relay, _subnet
from grader.testing import serve

SUBNET = "172.20.0.0/16"


def test_relays_listen_at_the_edge_alone(tmp_path: Path) -> None:
    """The shell finds the gateway's own address there, whichever network comes first."""
    programs = tmp_path / "bin"
    programs.mkdir()
    shown = "12: eth1    inet 172.20.0.2/16 brd 172.20.255.255 scope global eth1"
    asked = "-4 -o address show to 172.20.0.0/16"
    scripts = {"ip": f"test \"$*\" = '{asked}' && echo '{shown}'", "socat": 'echo "$1"'}
    for name, text in scripts.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", _relay({1: "a:1"}, SUBNET)], capture_output=True, text=True, check=True,
        env={"PATH": f"{programs}:{os.environ['PATH']}"}, timeout=10,
    )  # fmt: skip
    assert done.stdout.startswith("TCP4-LISTEN:1,bind=172.20.0.2,fork,")


def test_the_edge_is_found_by_its_range_of_ipv4() -> None:
    assert _subnet([{"Subnet": "fd00::/64"}, {"Subnet": SUBNET}]) == SUBNET
    with pytest.raises(PlatformError, match="default-address-pools"):
        _subnet([])


def test_each_route_has_a_relay() -> None:
    """The last one takes the place of the shell, so that the container ends with it."""
    command = _relay({5000: "app:5000", 3306: "mysql:3306"}, SUBNET)
    own, relays = command.split("; ")
    assert own == "set -- $(ip -4 -o address show to 172.20.0.0/16)"
    first, last = relays.split(" & ")
    assert first.startswith('socat "TCP4-LISTEN:5000,bind=${4%/*},')
    assert " TCP4:app:5000,connect-timeout=4" in first
    assert last.startswith('exec socat "TCP4-LISTEN:3306,bind=${4%/*},')
    assert command.count("nodelay") == 4


def test_a_single_route_needs_no_background() -> None:
    """One relay is the container's process."""
    assert _relay({5000: "app:5000"}, SUBNET).partition("; ")[2].startswith("exec socat ")


def test_a_target_cannot_end_the_command() -> None:
    """What goes into the shell is quoted."""
    assert "'TCP4:a; reboot," in _relay({1: "a; reboot"}, SUBNET)


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
