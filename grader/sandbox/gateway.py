"""The grader's way into a run's networks: a container that relays ports, and nothing else.

Docker publishes no ports of an internal network. Where the engine's bridges are on this machine
(Linux, no Docker Desktop, not rootless), the gateway is reached by its own address: each published
port costs 50 ms when the container is removed, and a process that copies every byte once more.
Elsewhere its ports are published on loopback.
"""

from __future__ import annotations

import logging
import shlex
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.deadline import dial
from grader.errors import PlatformError
from grader.sandbox.engine import Engine, translated
from grader.sandbox.network import Networks, create_edge
from grader.waiting import wait_until

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
MEMORY = 64 * 1024 * 1024
REACHED_SECONDS = 1.0
"""How long a gateway that is reached by its own address may take to accept connections."""
CONNECT_SECONDS = 4
"""How long a relay tries to reach the app: a packet that a busy machine drops comes again after
one second, and once more after two."""
POLL = 0.01
ENDED = "The gateway ended as soon as it was started; run `grader doctor`, then retry."


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """A running gateway."""

    container: str
    addresses: Mapping[int, tuple[str, int]]
    """For each port inside, the host and port on this machine that lead there."""


def start_gateway(
    engine: Engine,
    image: str,
    networks: Networks,
    routes: Mapping[int, str],
    labels: Mapping[str, str],
) -> Gateway:
    """Make the edge, and start a gateway that relays each port of `routes` to `name:port` inside.

    Names are looked up at each connection, so that a container made again is found again. Raises
    `PlatformError`.
    """
    if engine.bridges_here is None:
        engine.bridges_here = _has_bridges_here(engine)
    if engine.bridges_here:
        gateway = _start(engine, image, networks, routes, labels, publishes=False)
        if _accepts(gateway):
            return gateway
        log.debug("%s cannot be reached by its own address", gateway.container)
        engine.bridges_here = False
        with translated():
            engine.client.api.remove_container(gateway.container, force=True)
            engine.client.api.remove_network(networks.edge)
    return _start(engine, image, networks, routes, labels, publishes=True)


def _has_bridges_here(engine: Engine) -> bool:
    """Return whether the address of the engine's default bridge is one of this machine's."""
    if not engine.is_local:
        return False
    try:
        with translated():
            found: Any = engine.client.api.inspect_network("bridge")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((found["IPAM"]["Config"][0]["Gateway"], 0))
    except (PlatformError, OSError, LookupError, TypeError):
        return False  # it has none, or they are on another machine or in another namespace
    return True


def _accepts(gateway: Gateway) -> bool:
    """Return whether its relays take connections, looked at until they do."""
    end = time.monotonic() + REACHED_SECONDS

    def accepts() -> bool:
        try:
            for address in gateway.addresses.values():
                dial(address, max(end - time.monotonic(), POLL)).close()
        except OSError:
            return False
        return True

    return wait_until(accepts, within=REACHED_SECONDS, poll=POLL)


def _start(
    engine: Engine,
    image: str,
    networks: Networks,
    routes: Mapping[int, str],
    labels: Mapping[str, str],
    *,
    publishes: bool,
) -> Gateway:
    from docker.types import LogConfig

    create_edge(engine, networks.edge, labels, publishes=publishes)
    api = engine.client.api
    with translated():
        edge: Any = api.inspect_network(networks.edge)["IPAM"]["Config"]
        host = api.create_host_config(
            port_bindings=dict.fromkeys(routes, (LOOPBACK, None)) if publishes else None,
            network_mode=networks.edge,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            read_only=True,
            mem_limit=MEMORY,
            memswap_limit=MEMORY,
            pids_limit=512,
            # a name that is not there (an app that has ended) is known not to be at once: the
            # edge would have the question sent on to servers that never answer
            dns=[LOOPBACK],
            log_config=LogConfig(type="none"),
        )
        both = api.create_networking_config(
            {name: api.create_endpoint_config() for name in (networks.edge, *networks.inside)}  # type: ignore[arg-type]  # the stubs know one network only
        )
        container = api.create_container(
            image,
            command=["sh", "-c", _relay(routes, _subnet(edge))],
            labels=dict(labels),
            ports=list(routes) if publishes else None,
            host_config=host,
            networking_config=both,
            user="65534:65534",
        )["Id"]
        api.start(container)
        settings: Any = api.inspect_container(container)["NetworkSettings"]
    if publishes:
        return Gateway(container=container, addresses=_published(settings["Ports"], routes))
    own = settings["Networks"][networks.edge]["IPAddress"]
    if not own:  # to connect to an empty address is to connect to this machine
        raise PlatformError(ENDED)
    return Gateway(container=container, addresses={port: (own, port) for port in routes})


def _subnet(ranges: Sequence[Mapping[str, str]]) -> str:
    """Return the one of IPv4 among a network's ranges of addresses."""
    found = next((one["Subnet"] for one in ranges if ":" not in one["Subnet"]), "")
    if not found:
        msg = "The engine's networks have no IPv4 addresses; see its setting default-address-pools."
        raise PlatformError(msg)
    return found


def _relay(routes: Mapping[int, str], subnet: str) -> str:
    """One relay for each route; the last one is the container's own process.

    They listen at the address in `subnet` alone, the edge's: to a submission there is no gateway
    that it could flood, or speak through as if it were the grader. Without `nodelay`, a request
    whose head and body are written apart waits 40 ms for an acknowledgement between the two
    (Nagle's algorithm, RFC 896).
    """
    commands = [
        f'socat "TCP4-LISTEN:{port},bind=${{4%/*}},fork,reuseaddr,backlog=256,nodelay" '
        + shlex.quote(f"TCP4:{target},connect-timeout={CONNECT_SECONDS},nodelay")
        for port, target in routes.items()
    ]
    # `12: eth0 inet 172.20.0.2/16 brd …`
    own = f"set -- $(ip -4 -o address show to {shlex.quote(subnet)})"
    return f"{own}; {' & '.join([*commands[:-1], f'exec {commands[-1]}'])}"


def _published(ports: Mapping[str, Any], routes: Mapping[int, str]) -> dict[int, tuple[str, int]]:
    found = {}
    for port in routes:
        bindings = ports.get(f"{port}/tcp") or []
        if not bindings:
            raise PlatformError(ENDED)
        found[port] = LOOPBACK, int(bindings[0]["HostPort"])
    return found
