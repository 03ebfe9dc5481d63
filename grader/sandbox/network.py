"""The place a submission runs in: networks with no way out.

Networks of two kinds for each run. Those `inside` are internal, and their bridges have no address
on the host, so that from a container on one neither the host nor anything beyond can be reached.
A gateway container (see `gateway`), on all of them and on `edge`, is the grader's way in. `edge`
has no masquerade and no traffic between containers: the gateway gets nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.errors import PlatformError
from grader.sandbox.engine import Engine, translated
from grader.waiting import wait_until

NO_ADDRESSES = "non-overlapping IPv4 address pool"
"""What the engine says where other networks use all addresses that it has for networks."""
ADDRESS_SECONDS = 60.0
"""How long other runs may take to give some back."""


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
    for name in names.inside:
        _create(
            engine,
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
    _create(
        engine,
        name,
        internal=not publishes,
        labels=dict(labels),
        options={
            "com.docker.network.bridge.enable_icc": "false",
            "com.docker.network.bridge.enable_ip_masquerade": "false",
        },
    )


def members(engine: Engine, networks: Networks) -> set[str]:
    """Return the ids of the containers that run on `networks`. Raises `PlatformError`."""
    found = set[str]()
    for name in (*networks.inside, networks.edge):
        with translated():
            details: Any = engine.client.api.inspect_network(name)
        found |= set(details.get("Containers") or ())
    return found


def _create(engine: Engine, name: str, **options: Any) -> None:
    """Make a network, where need be once another run has given its addresses back."""
    from docker.errors import APIError

    def is_made() -> bool:
        try:
            engine.client.api.create_network(name, **options)
        except APIError as error:
            if NO_ADDRESSES not in str(error):
                raise
            return False
        return True

    with translated():
        made = wait_until(is_made, within=ADDRESS_SECONDS)
    if not made:
        msg = (
            "The Docker engine has no addresses left for one more network: others use all of them. "
            "Run fewer gradings at once, remove networks that nobody needs (`docker network ls`), "
            "or give the engine more (`default-address-pools` in its configuration)."
        )
        raise PlatformError(msg)
