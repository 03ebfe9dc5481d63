"""What an app runs in: which networks, ports and services an environment has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

from grader.model import Challenge, ServiceSpec
from grader.sandbox.container import ALIAS as APP
from grader.sandbox.container import PROBE, PROJECT_ALIAS
from grader.sandbox.engine import Engine
from grader.sandbox.gateway import Gateway
from grader.sandbox.network import Networks, members
from grader.service_catalogue import ServiceManifest
from grader.services.base import NotClean, Server, ServiceImage
from grader.services.registry import manifest_of

PROBES = 2
"""How many apps can be alongside the running one at a time."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentSpec:
    """What an environment is made for. Runs with equal ones can use one after the other."""

    routes: tuple[tuple[int, str], ...]
    """Each port of the gateway, and where it leads."""
    services: tuple[ServiceSpec, ...] = ()
    """What the challenge asks for."""
    inside: int = 1
    """How many networks there are for the app and what belongs to it."""

    @classmethod
    def of(cls, challenge: Challenge) -> EnvironmentSpec:
        """Return what `challenge` asks for, where one image is built."""
        port = challenge.app.port
        manifests = [manifest_of(spec) for spec in challenge.services]
        routes = list[tuple[int, str]]()
        if challenge.mode != "command":  # whose image serves nothing
            routes.append((port, f"{APP}:{port}"))
            secure = challenge.app.tls_ports
            routes += [(one, f"{APP}:{one}") for one in secure]
            taken = {*secure, *(one.port for one in manifests)}
            for number, other in enumerate(probe_ports(port, taken)):
                routes.append((other, f"{PROBE}-{number}:{port}"))
        routes += [(one.port, f"{one.name}:{one.port}") for one in manifests]
        return cls(routes=tuple(routes), services=challenge.services)

    @property
    def app(self) -> str:
        """Where the app is reached from inside (`host:port`); empty where it serves nothing."""
        names = {APP, PROJECT_ALIAS}
        return next((to for _, to in self.routes if to.partition(":")[0] in names), "")


@dataclass(frozen=True, kw_only=True)
class RunningService:
    """A server that an environment has, and what it was made of."""

    manifest: ServiceManifest
    server: Server
    address: tuple[str, int]
    """Where on this machine it is reached."""
    image: ServiceImage
    image_id: str


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A run's networks with what stands on them."""

    networks: Networks
    gateway: Gateway
    services: tuple[RunningService, ...] = ()

    def address(self, port: int) -> tuple[str, int]:
        """Where, on this machine, the port of that number inside is reached."""
        return self.gateway.addresses[port]

    @property
    def essential(self) -> dict[str, str]:
        """Containers of ours that must outlive an examination, by what they are called."""
        named = {one.manifest.title: one.server.id for one in self.services}
        return {"the gateway": self.gateway.container} | named

    def require_empty(self, engine: Engine) -> None:
        """Raise `NotClean` where a container of a run that is over is still in it.

        It would be taken for one of the next run: names lead to it. Raises `PlatformError`, too.
        """
        if others := members(engine, self.networks) - set(self.essential.values()):
            msg = f"a run has left containers behind: {', '.join(sorted(others))}"
            raise NotClean(msg)

    def service(self, name: str) -> RunningService:
        """Return the service of that name. Raises `StopIteration` where it has none."""
        return next(one for one in self.services if one.manifest.name == name)


def probe_ports(port: int, taken: Collection[int]) -> list[int]:
    """Return the ports of the gateway that lead to apps alongside the one on `port`."""
    free = (one for one in range(port + 1, port + 2 + PROBES + len(taken)) if one not in taken)
    return list(islice(free, PROBES))
