"""The place a submission runs in: networks with no way out.

Networks of two kinds for each run. Those `inside` are internal, and their bridges have no address
on the host, so that from a container on one neither the host nor anything beyond can be reached.
A gateway container (see `gateway`), on all of them and on `edge`, is the grader's way in. `edge`
has no masquerade and no traffic between containers: the gateway gets nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.sandbox.engine import Engine, translated


@dataclass(frozen=True, kw_only=True)
class Networks:
    """The names of a run's networks."""

    inside: tuple[str, ...]
    edge: str
    """It is made with the gateway: nothing else waits for it."""


def create_networks(
    engine: Engine, run: str, labels: Mapping[str, str], *, inside: int = 1
) -> Networks:
    """Make so many networks `inside` for the run `run`. Raises `PlatformError`."""
    names = Networks(
        inside=tuple(f"grader-{run}-inside-{number}" for number in range(inside)),
        edge=f"grader-{run}-edge",
    )
    with translated():
        for name in names.inside:
            engine.client.api.create_network(
                name,
                internal=True,
                labels=dict(labels),
                options={"com.docker.network.bridge.inhibit_ipv4": "true"},
            )
    return names


def create_edge(engine: Engine, name: str, labels: Mapping[str, str], *, publishes: bool) -> None:
    """Make the network `name` for a gateway alone; only one that `publishes` can publish ports.

    Raises `PlatformError`.
    """
    with translated():
        engine.client.api.create_network(
            name,
            internal=not publishes,
            labels=dict(labels),
            options={
                "com.docker.network.bridge.enable_icc": "false",
                "com.docker.network.bridge.enable_ip_masquerade": "false",
            },
        )
