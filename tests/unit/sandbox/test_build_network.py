"""The rules that close the network of builds, and why they may not be set."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from grader import process
from grader.errors import PlatformError
from grader.sandbox import build_network
from grader.sandbox.build_network import BuildBridge

BRIDGE = BuildBridge(name="docker0", address="172.17.0.1", port=4041)
CLOSED = """-P INPUT ACCEPT
-P FORWARD DROP
-N DOCKER-USER
-N GRADER-BUILD-HOST
-N GRADER-BUILD-ON
-A INPUT -i docker0 -j GRADER-BUILD-HOST
-A INPUT -i lo -j ACCEPT
-A FORWARD -j DOCKER-USER
-A DOCKER-USER -i docker0 -j GRADER-BUILD-ON
-A DOCKER-USER -j RETURN
-A GRADER-BUILD-HOST -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
-A GRADER-BUILD-HOST -d 172.17.0.1/32 -p tcp -m tcp --dport 4041 -j RETURN
-A GRADER-BUILD-HOST -p tcp -j REJECT --reject-with tcp-reset
-A GRADER-BUILD-HOST -j REJECT --reject-with icmp-admin-prohibited
-A GRADER-BUILD-ON -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
-A GRADER-BUILD-ON -p tcp -j REJECT --reject-with tcp-reset
-A GRADER-BUILD-ON -j REJECT --reject-with icmp-admin-prohibited"""
ARP = """Bridge table: filter

Bridge chain: FORWARD, entries: 1, policy: ACCEPT
-p ARP --arp-ip-src 172.17.0.1 -j DROP """
SIX = "-P INPUT ACCEPT\n-A INPUT -i docker0 -j DROP\n-A FORWARD -i docker0 -j DROP"


class Ebtables:
    """Stands in for the program: what it lists, and what it was told."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, listed: str, *, there: bool = True,
        working: bool = True,
    ) -> None:  # fmt: skip
        self.listed, self.working = listed, working
        self.told: list[list[str]] = []
        monkeypatch.setattr(
            shutil,
            "which",
            lambda name: f"/usr/sbin/{name}" if there or name != "ebtables" else None,
        )
        monkeypatch.setattr(process, "run", self.run)

    def run(self, command: list[str], *, on_line: Any = None, **_: Any) -> None:
        if command[0] != "ebtables":
            return
        if not self.working:
            msg = "ebtables ended with 255"
            raise PlatformError(msg)
        self.told.append(command[1:])
        for line in self.listed.splitlines() if on_line else ():
            on_line(line)


def closed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, four: str, six: str, arp: str = ARP
) -> bool:
    Ebtables(monkeypatch, arp)
    return iptables_closed(monkeypatch, tmp_path, four, six)


def iptables_closed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, four: str = CLOSED, six: str = SIX
) -> bool:
    """Whether it is closed with what iptables lists, and the ebtables that there is."""
    there = tmp_path / "if_inet6"
    there.touch()
    monkeypatch.setattr(build_network, "IPV6", there)
    monkeypatch.setattr(
        build_network, "_said", lambda name, *_: four if name == "iptables" else six
    )
    return build_network.is_closed(BRIDGE)


def test_all_rules_close_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As iptables lists them."""
    assert closed(monkeypatch, tmp_path, CLOSED, SIX)


NEEDED = [one for one in CLOSED.splitlines() if "-j GRADER" in one or "4041" in one]


@pytest.mark.parametrize("line", NEEDED)
def test_one_that_is_missing_opens_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str
) -> None:
    """Each is needed."""
    assert not closed(monkeypatch, tmp_path, CLOSED.replace(line + "\n", ""), SIX)


def test_one_that_comes_too_late_opens_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A firewall that was loaded since may accept before ours is asked."""
    first = "-A INPUT -i docker0 -j GRADER-BUILD-HOST\n"
    late = CLOSED.replace(first, "-A INPUT -j ACCEPT\n" + first)
    assert not closed(monkeypatch, tmp_path, late, SIX)
    assert not closed(
        monkeypatch, tmp_path, CLOSED, SIX.replace("-A FORWARD -i docker0 -j DROP", "")
    )


@pytest.mark.parametrize(
    "arp", ["", ARP.replace("172.17.0.1", "172.17.0.2"), ARP.replace("DROP", "ACCEPT")]
)
def test_without_the_rule_on_arp_it_is_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arp: str
) -> None:
    """Somebody may have emptied the bridge's table, which iptables does not show."""
    assert not closed(monkeypatch, tmp_path, CLOSED, SIX, arp)


def test_the_rule_on_arp_is_set_and_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ebtables = Ebtables(monkeypatch, ARP)
    assert iptables_closed(monkeypatch, tmp_path)
    assert build_network.weakness() == ""
    build_network._forbid_arp(BRIDGE.address)
    rule = ["FORWARD", "-p", "ARP", "--arp-ip-src", "172.17.0.1", "-j", "DROP"]
    assert ebtables.told[-2:] == [["-D", *rule], ["-I", *rule]]


@pytest.mark.parametrize(
    ("there", "why"), [(False, "ebtables is not installed"), (True, "ebtables does not work")]
)
def test_without_ebtables_it_is_closed_and_weaker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: bool, why: str
) -> None:
    """Nobody can answer in the index's place all the same; what is lacking has a name."""
    Ebtables(monkeypatch, "", there=there, working=False)
    assert iptables_closed(monkeypatch, tmp_path)
    said = "a build may answer ARP in the host's name and cut others off"
    assert build_network.weakness() == f"{said} ({why})"


def test_where_it_cannot_be_closed_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual machine's bridge, another user than root, a machine without iptables."""
    assert "another network than this machine's" in build_network.obstacle(None)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert build_network.obstacle(BRIDGE) == "the grader does not run as root"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert build_network.obstacle(BRIDGE) == "iptables is not installed"


@pytest.mark.parametrize(
    ("kind", "set_to"), [("1\n", ["02:42:ac:11:00:01"]), ("3\n", []), (None, [])]
)
def test_a_bridge_that_was_made_by_hand_gets_an_address_of_its_own(
    kind: str | None, set_to: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else it has that of one of its ports, and changes with them while a build downloads."""
    told: list[str] = []
    monkeypatch.setattr(build_network, "INTERFACES", tmp_path)
    monkeypatch.setattr(build_network, "_try", lambda *arguments: told.append(arguments[-1]))
    if kind is not None:
        (tmp_path / "docker0").mkdir()
        (tmp_path / "docker0" / "addr_assign_type").write_text(kind, "ascii")
    build_network._keep_address(BRIDGE)
    assert told == set_to
