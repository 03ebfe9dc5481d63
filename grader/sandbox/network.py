"""The place a submission runs in: a network with no way out, and a gateway for the grader.

Networks of two kinds for each run. Those `inside` are internal, and their bridges have no address
on the host, so that from a container on one neither the host nor anything beyond can be reached.
Docker publishes no ports of an internal network; a gateway container, on all of them and on `edge`,
relays them to loopback. `edge` has no masquerade and no traffic between containers: the gateway
gets nowhere.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.errors import PlatformError
from grader.sandbox.engine import Engine, translated

LOOPBACK = "127.0.0.1"
GATEWAY_MEMORY = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Networks:
    """The names of a run's networks."""

    inside: tuple[str, ...]
    edge: str


def create_networks(
    engine: Engine, run: str, labels: Mapping[str, str], *, inside: int = 1
) -> Networks:
    """Make an edge and so many networks `inside` for the run `run`. Raises `PlatformError`."""
    names = Networks(
        inside=tuple(f"grader-{run}-inside-{number}" for number in range(inside)),
        edge=f"grader-{run}-edge",
    )
    api = engine.client.api
    with translated():
        for name in names.inside:
            api.create_network(
                name,
                internal=True,
                labels=dict(labels),
                options={"com.docker.network.bridge.inhibit_ipv4": "true"},
            )
        api.create_network(
            names.edge,
            labels=dict(labels),
            options={
                "com.docker.network.bridge.enable_icc": "false",
                "com.docker.network.bridge.enable_ip_masquerade": "false",
            },
        )
    return names


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """A running gateway: for each port inside, the port on loopback that leads there."""

    container: str
    ports: Mapping[int, int]


def start_gateway(
    engine: Engine,
    image: str,
    networks: Networks,
    routes: Mapping[int, str],
    labels: Mapping[str, str],
) -> Gateway:
    """Start a gateway that relays each port of `routes` to `name:port` on a network inside.

    Names are looked up at each connection, so that a container made anew is found again.
    """
    from docker.types import LogConfig

    api = engine.client.api
    with translated():
        host = api.create_host_config(
            port_bindings=dict.fromkeys(routes, (LOOPBACK, None)),
            network_mode=networks.edge,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            read_only=True,
            mem_limit=GATEWAY_MEMORY,
            memswap_limit=GATEWAY_MEMORY,
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
            command=["sh", "-c", _relay(routes)],
            labels=dict(labels),
            ports=list(routes),
            host_config=host,
            networking_config=both,
            user="65534:65534",
        )["Id"]
        api.start(container)
        published = api.inspect_container(container)["NetworkSettings"]["Ports"]
    return Gateway(container=container, ports=_published(published, routes))


def _relay(routes: Mapping[int, str]) -> str:
    """One relay for each route; the last one is the container's own process.

    Without `nodelay`, a request whose head and body are written apart waits 40 ms for an
    acknowledgement between the two (Nagle's algorithm, RFC 896).
    """
    commands = [
        shlex.join(
            [
                "socat",
                f"TCP4-LISTEN:{port},fork,reuseaddr,backlog=256,nodelay",
                f"TCP4:{target},connect-timeout=1,nodelay",
            ]
        )
        for port, target in routes.items()
    ]
    return " & ".join([*commands[:-1], f"exec {commands[-1]}"])


def _published(ports: Mapping[str, Any], routes: Mapping[int, str]) -> dict[int, int]:
    found = {}
    for port in routes:
        bindings = ports.get(f"{port}/tcp") or []
        if not bindings:
            msg = "The gateway ended as soon as it was started; run `grader doctor`, then retry."
            raise PlatformError(msg)
        found[port] = int(bindings[0]["HostPort"])
    return found
