"""The ports of a project's gateway, and where inside each of them leads."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from grader.exam.compose_view import ReachedAt
from grader.model import Challenge
from grader.run.compose.project_roles import ComposeRoles
from grader.run.compose.render import APP, DATABASE, PROBE, REPLICA
from grader.run.environment.layout import EnvironmentSpec, probe_ports
from grader.run.tls import tls_address
from grader.sandbox.gateway import Gateway
from grader.services.registry import manifest_of
from grader.spec.roles import APP as APP_ROLE


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
        """What else is reached, by name: the gateway's port, and the container's own.

        These are services of roles that the exam names a port of, and the app's other containers.
        """
        taken = {self.app, *self.probes, *self._taken}
        free = (port for port in itertools.count(self.app + 1) if port not in taken)
        asked = {one.name: one.port for one in self.challenge.roles if one.port}
        asked[APP_ROLE] = self.roles.port
        return {
            service: (next(free), asked[role])
            for role, service in self._by_role
            if role in asked and service not in {self.roles.app.name, self.roles.database_name}
        }

    @property
    def secure(self) -> dict[str, SecureRoute]:
        """What speaks TLS for the exam, by name: the app, and services of roles."""
        others, known = self.others, self.names
        taken = {self.app, *self.probes, *self._taken, *(ours for ours, _ in others.values())}
        free = (port for port in itertools.count(self.app + 1) if port not in taken)
        asked = {one.name: one.tls for one in self.challenge.roles if one.tls}
        found = dict[str, SecureRoute]()
        if own := self.challenge.app.tls:
            asked[APP_ROLE] = own
            found[self.roles.app.name] = SecureRoute(gateway=next(free), host=APP, port=own)
        for role, name in self._by_role:
            if role in asked and name != self.roles.app.name:
                ours, plain = others.get(name, (0, 0))
                port = ours if asked[role] == plain else next(free)
                host = known.get(name, name)
                found[name] = SecureRoute(gateway=port, host=host, port=asked[role])
        return found

    @property
    def _by_role(self) -> list[tuple[str, str]]:
        """Return each role with what its containers are called, one at a time."""
        alone = [one for one in self.roles.named.items() if one[0] not in self.roles.replicas]
        several = [(role, one) for role, names in self.roles.replicas.items() for one in names]
        return alone + several

    @property
    def names(self) -> dict[str, str]:
        """The containers that share a service's name, to what the gateway knows each by."""
        containers = dict.fromkeys(one for names in self.roles.replicas.values() for one in names)
        return {one: f"{REPLICA}-{at}" for at, one in enumerate(containers)}

    @property
    def _taken(self) -> set[int]:
        """The ports that lead to databases and services."""
        return {
            self.roles.database_port,
            *(manifest_of(one).port for one in self.challenge.services),
        }

    def spec(self, inside: int) -> EnvironmentSpec:
        """Return what the project stands on, with so many networks `inside`."""
        port = self.roles.port
        routes = [(self.app, f"{APP}:{port}")]
        if self.roles.database:
            port_of_database = self.roles.database_port
            routes.append((port_of_database, f"{DATABASE}:{port_of_database}"))
        for number, other in enumerate(self.probes):
            routes.append((other, f"{PROBE}-{number}:{port}"))
        asked = self.challenge.services
        routes += [(one.port, f"{one.name}:{one.port}") for one in map(manifest_of, asked)]
        known = self.names
        routes += [
            (ours, f"{known.get(name, name)}:{own}") for name, (ours, own) in self.others.items()
        ]
        taken = dict(routes)
        secure = self.secure.values()
        routes += [(one.gateway, one.target) for one in secure if one.gateway not in taken]
        return EnvironmentSpec(routes=tuple(routes), services=asked, inside=inside)


def reached_by(routes: ProjectRoutes, gateway: Gateway) -> dict[str, ReachedAt]:
    """Return where on this machine containers of roles are reached, by name.

    The app is among them where it has several, or speaks TLS.
    """
    plain = {routes.roles.app.name: routes.app} if APP_ROLE in routes.roles.replicas else {}
    plain |= {name: ours for name, (ours, _) in routes.others.items()}
    found, secure = dict[str, ReachedAt](), routes.secure
    for name in dict.fromkeys([*plain, *secure]):
        host, port = gateway.addresses[plain[name]] if name in plain else ("", 0)
        at = secure.get(name)
        tls = tls_address(gateway.addresses[at.gateway], at.port) if at else None
        found[name] = ReachedAt(host=host, port=port, tls=tls)
    return found
