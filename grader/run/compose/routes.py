"""The ports of a project's gateway, and where inside each of them leads."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from grader.exam.reached import ReachedAt
from grader.model import Challenge
from grader.run.compose.render import APP, DATABASE, PROBE
from grader.run.compose.resolve import ComposeRoles
from grader.run.environment.provision import EnvironmentSpec, probe_ports
from grader.run.tls import tls_address
from grader.sandbox.gateway import Gateway
from grader.services.mysql.server import PORT as MYSQL_PORT
from grader.services.registry import manifest_of


@dataclass(frozen=True, kw_only=True)
class SecureRoute:
    """The way to a port that speaks TLS."""

    gateway: int
    """The gateway's port."""
    host: str
    port: int
    """Where it leads inside."""

    @property
    def target(self) -> str:
        """Host and port inside."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class ProjectRoutes:
    """The way into a project: to its app, its database, other roles, and the exam's services."""

    roles: ComposeRoles
    challenge: Challenge

    @property
    def app(self) -> int:
        """The port that leads to the app: its own, unless a service of the exam has the same."""
        taken = self._taken if self.challenge.services else set[int]()
        return next(port for port in itertools.count(self.roles.port) if port not in taken)

    @property
    def probes(self) -> tuple[int, ...]:
        """The ports that lead to the probes, by their numbers."""
        return tuple(probe_ports(self.app, self._taken))

    @property
    def others(self) -> dict[str, tuple[int, int]]:
        """Services of roles that the exam names a port of: the gateway's port, and their own."""
        taken = {self.app, *self.probes, *self._taken}
        free = (port for port in itertools.count(self.app + 1) if port not in taken)
        asked = {one.name: one.port for one in self.challenge.roles if one.port}
        return {
            service: (next(free), asked[role])
            for role, service in self.roles.named.items()
            if role in asked and service not in {self.roles.app.name, self.roles.database_name}
        }

    @property
    def secure(self) -> dict[str, SecureRoute]:
        """Services that speak TLS for the exam, the app among them."""
        others = self.others
        taken = {self.app, *self.probes, *self._taken, *(ours for ours, _ in others.values())}
        free = (port for port in itertools.count(self.app + 1) if port not in taken)
        asked = {one.name: one.tls for one in self.challenge.roles if one.tls}
        found = dict[str, SecureRoute]()
        if own := self.challenge.app.tls:
            found[self.roles.app.name] = SecureRoute(gateway=next(free), host=APP, port=own)
        for role, service in self.roles.named.items():
            ours, plain = others.get(service, (0, 0))
            if own := asked.get(role, 0) if service != self.roles.app.name else 0:
                port = ours if own == plain else next(free)
                found[service] = SecureRoute(gateway=port, host=service, port=own)
        return found

    @property
    def _taken(self) -> set[int]:
        """The ports that lead to databases and services."""
        return {MYSQL_PORT, *(manifest_of(one).port for one in self.challenge.services)}

    def spec(self, inside: int) -> EnvironmentSpec:
        """Return what the project stands on, with so many networks `inside`."""
        port = self.roles.port
        routes = [(self.app, f"{APP}:{port}")]
        if self.roles.database:
            routes.append((MYSQL_PORT, f"{DATABASE}:{MYSQL_PORT}"))
        for number, other in enumerate(self.probes):
            routes.append((other, f"{PROBE}-{number}:{port}"))
        asked = self.challenge.services
        routes += [(one.port, f"{one.name}:{one.port}") for one in map(manifest_of, asked)]
        routes += [(ours, f"{name}:{own}") for name, (ours, own) in self.others.items()]
        known = dict(routes)
        secure = self.secure.values()
        routes += [(one.gateway, one.target) for one in secure if one.gateway not in known]
        return EnvironmentSpec(routes=tuple(routes), services=asked, inside=inside)


def reached_by(routes: ProjectRoutes, gateway: Gateway) -> dict[str, ReachedAt]:
    """Return where on this machine services of other roles are reached, by name."""
    found, secure = dict[str, ReachedAt](), routes.secure
    for name in [*routes.others, *(one for one in secure if one not in routes.others)]:
        host, port = gateway.addresses[routes.others[name][0]] if name in routes.others else ("", 0)
        at = secure.get(name)
        tls = tls_address(gateway.addresses[at.gateway], at.port) if at else None
        found[name] = ReachedAt(host=host, port=port, tls=tls)
    return found
