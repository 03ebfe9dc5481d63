"""What is known of a student's Compose file: what each service is for, and what is started."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from grader.inspect.compose.image_families import is_one_of
from grader.inspect.compose.project import ComposeService, Project, Reading
from grader.inspect.compose.replicas import expanded, service_of
from grader.inspect.dockerfile import Dockerfile, base_of
from grader.run.compose.stand_ins import StandIns
from grader.sandbox.images import is_mariadb_image
from grader.service_catalogue import built_in


@dataclass(frozen=True, kw_only=True)
class ComposeChoice:
    """What the caller says of the Compose file; None: found out."""

    file: str | None = None
    service: str | None = None
    needs_database: bool = True
    """Whether it has to have a MySQL, as an exam asks; else it is started with what it has."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Services that play roles of the exam, whatever the file says, by the role's name."""

    @property
    def app(self) -> str | None:
        """The service that is the app; None: found out."""
        return self.service or self.roles.get("app")


@dataclass(frozen=True, kw_only=True)
class AppPort:
    """Where the app listens in its container."""

    number: int
    said_by: str
    """Who says so, in words."""


@dataclass(frozen=True, kw_only=True)
class ComposeRoles:
    """A Compose file that can be brought up."""

    fresh: Reading
    """With credentials that were drawn for this run."""
    submitted: Reading
    """With the values that were handed in."""
    app: ComposeService
    database: ComposeService | None
    """Its MySQL or MariaDB, or a PostgreSQL; None where it has none and needs none."""
    started: tuple[str, ...]
    """The services that are started, the app and the database among them."""
    listens: AppPort
    dockerfiles: Mapping[str, Dockerfile]
    """Those of the services that are built."""
    named: Mapping[str, str] = field(default_factory=dict)
    """The roles that the exam names, to the services that play them."""
    replicas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The roles of which the exam asks for several containers, to what these are called.

    The first is the service of the role, the others are copies of one, or services like it."""
    stand_ins: StandIns = field(default_factory=StandIns)
    """What the file was read with in the place of what the exam's services give."""

    @property
    def port(self) -> int:
        """The app's port in its container."""
        return self.listens.number

    @property
    def copies(self) -> dict[str, str]:
        """The further containers of services that are started, each with its service."""
        services = self.project(self.fresh).services
        return {
            one: service_of(one)
            for names in self.replicas.values()
            for one in names
            if one not in services and service_of(one) in self.started
        }

    def expanded(self, reading: Reading) -> Project:
        """Return the project of one of the two readings, with a service for each container."""
        return expanded(self.project(reading), self.copies)

    def with_built(self, built: Collection[str]) -> ComposeRoles:
        """Return the same, with those of the services that are built which are among `built`."""
        services = self.project(self.fresh).services
        kept = tuple(one for one in self.started if one in built or services[one].build is None)
        return replace(self, started=kept)

    def without(self, name: str) -> ComposeRoles:
        """Return the same, but for a service that is not started."""
        return replace(self, started=tuple(one for one in self.started if one != name))

    def may_be_left_out(self, name: str) -> bool:
        """Whether no part of the exam waits for a service, nor what such a part waits for."""
        services = self.project(self.fresh).services
        parts = [self.app.name, self.database_name, *self.named.values()]
        for part in parts:  # which grows meanwhile
            waits = services[part].lifecycle.depends_on if part in services else ()
            parts += [one.service for one in waits if one.service not in parts]
        return name not in parts

    def project(self, reading: Reading) -> Project:
        """Return the project of one of the two readings."""
        assert reading.project is not None
        return reading.project

    @property
    def references(self) -> tuple[str, ...]:
        """The images that the app and its database stand on, as they are named."""
        own = (self.dockerfiles.get(one) for one in (self.app.name, self.database_name))
        built = [image for one in own if one for image in one.images]
        named = [self.database.image.reference] if self.database else []
        return tuple(dict.fromkeys([*built, *named]))

    @property
    def database_name(self) -> str:
        """What the service of the database is called; empty where there is none."""
        return self.database.name if self.database else ""

    @property
    def database_image(self) -> str:
        """The image of the database that is asked for, by the service or by its Dockerfile.

        Empty where there is none.
        """
        dockerfile = self.dockerfiles.get(self.database_name)
        if dockerfile:
            return base_of(dockerfile)
        return self.database.image.reference if self.database else ""

    @property
    def is_mariadb(self) -> bool:
        """Whether the database is a MariaDB, and no MySQL."""
        return is_mariadb_image(self.database_image)

    @property
    def database_kind(self) -> str:
        """The service that its database is an instance of: mysql, mariadb or postgres."""
        if is_one_of(self.database_image, {"postgres"}):
            return "postgres"
        return "mariadb" if self.is_mariadb else "mysql"

    @property
    def product(self) -> str:
        """What the database is called in messages."""
        return built_in()[self.database_kind].title

    @property
    def database_port(self) -> int:
        """Where the database listens in its container."""
        return built_in()[self.database_kind].port

    @property
    def database_hosts(self) -> tuple[str, ...]:
        """All names that the app may reach its database by."""
        if self.database is None:
            return ()
        return tuple(dict.fromkeys([self.database.name, *self.database.networking.all_aliases]))
