"""The gateway's command, and the ports it was given."""

from __future__ import annotations

import pytest

from grader.errors import PlatformError
from grader.sandbox.network import _published, _relay


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
    assert _published(ports, {5000: "app:5000"}) == {5000: 32768}
    with pytest.raises(PlatformError, match="The gateway ended"):
        _published({"5000/tcp": None}, {5000: "app:5000"})
