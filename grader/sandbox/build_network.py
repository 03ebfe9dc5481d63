"""What the network of RUN steps reaches: the index of packages, and nothing else.

BuildKit inside of the engine puts every RUN step on the engine's default bridge, with the right to
send frames of its own making (NET_RAW); neither can be told otherwise. So the bridge itself is
closed: to the host only the index's port, nothing beyond, nothing from one step to another. An
ARP answer in the name of the host is dropped as well, so that no step can pass for the index.

That takes root on the engine's own machine. The rules are there from the first build until
`grader index stop`; they hold for every container on the default bridge.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import process
from grader.errors import PlatformError
from grader.sandbox.file_lock import locked
from grader.settings import Settings

log = logging.getLogger(__name__)

TO_HOST = "GRADER-BUILD-HOST"
ONWARD = "GRADER-BUILD-ON"
SECONDS = 20.0
"""How long the programs that set rules may take."""
FRESH = 20.0
"""Seconds for which rules that were looked at count as being there."""
FILTERED = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
"""Whether the kernel shows what goes between two ports of a bridge to iptables."""
REFUSALS = Path("/proc/sys/net/ipv4/icmp_ratelimit")
"""Milliseconds between two ICMP refusals to one address that asked more than six times; 0: none."""
IPV6 = Path("/proc/net/if_inet6")
INTERFACES = Path("/sys/class/net")
SET = "3"
"""What the kernel calls the kind of a hardware address that was set, and stays."""
PROGRAMS = ("iptables", "ip6tables")
"""What the network cannot be closed without."""
SIX = ("INPUT", "FORWARD")
"""The chains in which all of IPv6 is dropped: a bridge has link-local addresses of its own."""


@dataclass(frozen=True, kw_only=True)
class BuildBridge:
    """The bridge of RUN steps, and where the index listens on it."""

    name: str
    address: str
    port: int


def close(bridge: BuildBridge | None, settings: Settings) -> str:
    """Make sure that builds reach the index alone; return why that cannot be, or empty text."""
    if reason := obstacle(bridge):
        return reason
    assert bridge is not None
    stamp = settings.state / "index" / f"closed-{bridge.name}-{bridge.address}-{bridge.port}"
    if _is_fresh(stamp):
        return ""
    try:
        with locked(settings.state / "locks" / "build-network"):
            if not is_closed(bridge):
                _install(bridge)
                if not is_closed(bridge):
                    return "the rules that were set with iptables and ebtables are not there"
        _refuse_soon()
        _keep_address(bridge)
    except PlatformError as error:
        log.debug("builds are not confined: %s", error)
        return f"iptables does not work: {error}"
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()
    return ""


def obstacle(bridge: BuildBridge | None) -> str:
    """Return why the network of builds cannot be closed on this machine; empty where it can."""
    if sys.platform != "linux" or bridge is None:
        return "containers run in another network than this machine's (a virtual machine, rootless)"
    if os.geteuid() != 0:
        return "the grader does not run as root"
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        return f"{missing[0]} is not installed"
    try:
        if FILTERED.read_text("ascii").strip() != "1":
            FILTERED.write_text("1", "ascii")
    except OSError:
        return "the kernel does not show bridged traffic to iptables (module br_netfilter)"
    return ""


def weakness() -> str:
    """Return what a closed network of builds still lets through here; empty where nothing.

    Without the rule on ARP one build can cut another off from the index, but not answer in its
    place: what goes from one port of the bridge to another is refused all the same.
    """
    why = ""
    if shutil.which("ebtables") is None:
        why = "ebtables is not installed"
    elif _arp_rules() is None:
        why = "ebtables does not work"
    return why and f"a build may answer ARP in the host's name and cut others off ({why})"


def is_closed(bridge: BuildBridge) -> bool:
    """Return whether all rules are there, and before any other of their chains.

    That on ARP counts where `ebtables` can set it; `weakness` says where it cannot.
    """
    name = re.escape(bridge.name)
    four = _said("iptables", "-S")
    six = _said("ip6tables", "-S") if IPV6.exists() else ""
    allowed = f"-A {TO_HOST} -d {bridge.address}/32 -p tcp -m tcp --dport {bridge.port} -j RETURN"
    return (
        _is_first(four, "INPUT", f"-i {name} -j {TO_HOST}")
        and _is_first(four, _onward(four), f"-i {name} -j {ONWARD}")
        and allowed in four
        and all(f"-A {chain} -j REJECT" in four for chain in (TO_HOST, ONWARD))
        and (not six or all(_is_first(six, one, f"-i {name} -j DROP") for one in SIX))
        and _forbids_arp(bridge.address)
    )


def open_again(port: int, settings: Settings) -> None:
    """Take the index's `port` back, and all rules with the last one."""
    if os.geteuid() != 0 or shutil.which("iptables") is None:
        return
    with locked(settings.state / "locks" / "build-network"):
        for stamp in (settings.state / "index").glob("closed-*"):
            stamp.unlink(missing_ok=True)
        try:
            rules = _said("iptables", "-S")
            before = _ports(rules)
            ports = {one for one in before if one[1] != port}
            if ports == before:
                return
            if ports:
                _restore(ports)
                return
            for name in re.findall(rf"^-A INPUT -i (\S+) -j {TO_HOST}$", rules, re.MULTILINE):
                _remove(name, {address for address, _ in before})
        except PlatformError as error:
            log.debug("rules stay: %s", error)


def _refuse_soon() -> None:
    """Let the kernel refuse a step each packet: one whose refusal is left out waits for seconds.

    Resolvers take an ICMP refusal for an answer, and an address usually gets one a second. The
    kernel's bound for all addresses together (`icmp_msgs_per_sec`) holds on.
    """
    try:
        if REFUSALS.read_text("ascii").strip() != "0":
            REFUSALS.write_text("0", "ascii")
    except OSError as error:
        log.debug("look-ups of names in builds may take seconds: %s", error)


def _keep_address(bridge: BuildBridge) -> None:
    """Have the bridge keep one hardware address, as the engine's own does.

    One that was made by hand has the lowest of its ports', so that it changes with each container,
    and a download at that moment goes to nobody.
    """
    try:
        kind = (INTERFACES / bridge.name / "addr_assign_type").read_text("ascii").strip()
    except OSError:
        return
    if kind != SET:
        address = ":".join(["02", "42", *(f"{int(one):02x}" for one in bridge.address.split("."))])
        _try("ip", "link", "set", "dev", bridge.name, "address", address)


def _is_fresh(stamp: Path) -> bool:
    try:
        return 0 <= time.time() - stamp.stat().st_mtime < FRESH
    except OSError:
        return False


def _is_first(rules: str, chain: str, rule: str) -> bool:
    """Return whether the first rule of `chain` is `rule`, a pattern."""
    found = re.search(rf"^-A {chain} (.*)$", rules, re.MULTILINE)
    return found is not None and re.fullmatch(rule, found[1]) is not None


def _onward(rules: str) -> str:
    """Return the chain that the engine leaves to others, before its own rules."""
    return "DOCKER-USER" if "-N DOCKER-USER" in rules else "FORWARD"


def _ports(rules: str) -> set[tuple[str, int]]:
    """Addresses and ports of all indexes that are let through."""
    pattern = rf"^-A {TO_HOST} -d (\S+?)/32 -p tcp -m tcp --dport (\d+) -j RETURN$"
    return {(host, int(port)) for host, port in re.findall(pattern, rules, re.MULTILINE)}


def _install(bridge: BuildBridge) -> None:
    rules = _said("iptables", "-S")
    _restore(_ports(rules) | {(bridge.address, bridge.port)})
    for chain, target in (("INPUT", TO_HOST), (_onward(rules), ONWARD)):
        _put_first("iptables", chain, ["-i", bridge.name, "-j", target])
    if IPV6.exists():
        for chain in SIX:
            _put_first("ip6tables", chain, ["-i", bridge.name, "-j", "DROP"])
    _forbid_arp(bridge.address)


def _restore(ports: set[tuple[str, int]]) -> None:
    """Set what stands in our two chains, in one step.

    A step that is refused ends at once; one whose packets vanished would wait for its deadline.
    """
    answers = "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"
    lines = ["*filter", f":{TO_HOST} - [0:0]", f":{ONWARD} - [0:0]"]
    lines += [f"-A {TO_HOST} {answers}", f"-A {ONWARD} {answers}"]
    lines += [
        f"-A {TO_HOST} -d {host}/32 -p tcp -m tcp --dport {port} -j RETURN"
        for host, port in sorted(ports)
    ]
    for chain in (TO_HOST, ONWARD):
        lines.append(f"-A {chain} -p tcp -j REJECT --reject-with tcp-reset")
        lines.append(f"-A {chain} -j REJECT --reject-with icmp-admin-prohibited")
    text = "\n".join([*lines, "COMMIT", ""])
    process.run(["iptables-restore", "-w", "5", "--noflush"], deadline=SECONDS, stdin=text.encode())


def _put_first(program: str, chain: str, rule: Sequence[str]) -> None:
    _try(program, "-D", chain, *rule)
    process.run([program, "-w", "5", "-I", chain, "1", *rule], deadline=SECONDS)


def _forbid_arp(address: str) -> None:
    """Drop what says that the host's address were a container's; iptables sees no ARP.

    Where `ebtables` is missing or does not work it is left out, and `weakness` says so.
    """
    if shutil.which("ebtables"):
        _try("ebtables", "-D", *_arp(address))
        _try("ebtables", "-I", *_arp(address))


def _forbids_arp(address: str) -> bool:
    """Return whether the rule on ARP is there, or cannot be."""
    rules = _arp_rules()
    return rules is None or " ".join(_arp(address)[1:]) in rules


def _arp_rules() -> list[str] | None:
    """Return the rules of the bridge on what it forwards; None where ebtables cannot tell."""
    if shutil.which("ebtables") is None:
        return None
    lines: list[str] = []
    try:
        process.run(["ebtables", "-L", "FORWARD"], deadline=SECONDS, on_line=lines.append)
    except PlatformError as error:
        log.debug("ebtables does not work: %s", error)
        return None
    return [line.strip() for line in lines]


def _arp(address: str) -> list[str]:
    return ["FORWARD", "-p", "ARP", "--arp-ip-src", address, "-j", "DROP"]


def _remove(name: str, addresses: set[str]) -> None:
    for chain, target in (("INPUT", TO_HOST), ("DOCKER-USER", ONWARD), ("FORWARD", ONWARD)):
        _try("iptables", "-D", chain, "-i", name, "-j", target)
    for chain in (TO_HOST, ONWARD):
        _try("iptables", "-F", chain)
        _try("iptables", "-X", chain)
    if IPV6.exists():
        for chain in SIX:
            _try("ip6tables", "-D", chain, "-i", name, "-j", "DROP")
    for address in addresses if shutil.which("ebtables") else ():
        _try("ebtables", "-D", *_arp(address))


def _try(program: str, *arguments: str) -> None:
    """Run what may fail, as the rule or chain may not be there."""
    wait = ["-w", "5"] if program in {"iptables", "ip6tables"} else []
    process.run([program, *wait, *arguments], deadline=SECONDS, check=False)


def _said(program: str, *arguments: str) -> str:
    lines: list[str] = []
    command = [program, "-w", "5", *arguments]
    process.run(command, deadline=SECONDS, on_line=lambda line: lines.append(line.rstrip()))
    return "\n".join(lines)
