"""What one bring-up of a Compose project stands on: networks, gateway, images and our own file."""

from __future__ import annotations

import itertools
import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from grader.errors import ImageUnavailable
from grader.exam.compose_view import ReachedAt
from grader.inspect.compose.project import Project, Reading
from grader.run.app import DeployedApp
from grader.run.compose.bind_mounts import copy_binds
from grader.run.compose.database_server import (
    ComposedMySql,
    ComposedPostgres,
    composed_server,
)
from grader.run.compose.project_roles import ComposeRoles
from grader.run.compose.render import (
    DATABASE_CPUS,
    PROBE,
    ComposeRendering,
    ProjectResources,
    RenderedDatabase,
    RenderedProbe,
    render,
)
from grader.run.compose.routes import ProjectRoutes, reached_by
from grader.run.compose.settings import ProjectSettings
from grader.run.compose.stand_ins import filled
from grader.run.compose.stores import (
    changes_users,
    large_stores,
    runs_store,
    service_image,
    starts_slowly,
)
from grader.run.context import RunContext
from grader.run.environment.layout import EnvironmentSpec, RunningService
from grader.run.environment.provision import make_environment, note_services
from grader.sandbox import images
from grader.sandbox.compose import Compose, ComposedContainer
from grader.sandbox.container import Container
from grader.sandbox.engine import translated
from grader.sandbox.gateway import Gateway, start_gateway
from grader.sandbox.network import Networks, create_networks

T = TypeVar("T")


@dataclass
class _Reach:
    """The networks of a project, and the way into them."""

    networks: Networks | None = None
    gateway: Gateway | None = None
    services: tuple[RunningService, ...] = ()
    """What the exam provides."""
    shared: bool = False
    """Whether they are lent, and stay when the project goes."""


class ComposeEnvironment:
    """The place of one project; `provide` comes first, then `write` with the images known."""

    def __init__(
        self, context: RunContext, roles: ComposeRoles, reading: Reading, *, suffix: str = "",
        cancel: threading.Event,
    ) -> None:  # fmt: skip
        """`suffix` keeps a second bring-up of one run apart from the first."""
        self._context = context
        self.roles = roles
        """What the services are for; those that are left out are none of them."""
        self.settings = ProjectSettings(root=context.snapshot, roles=roles, reading=reading)
        self._name = f"{context.run}{suffix}"
        self._cancel = cancel
        self._images: dict[str, str] = {}
        self._password = secrets.token_urlsafe(24)
        """That of the grader's accounts on the project's database."""
        context.redactor.hide({f"GRADER_PASSWORD{suffix}": self._password})
        self._reach = _Reach()
        self._compose: Compose | None = None
        self._trials = itertools.count(1)

    @property
    def _project(self) -> Project:
        return self.settings.project

    # -- what there is --------------------------------------------------------------------

    @property
    def gateway(self) -> Gateway:
        """The gateway, once it is provided."""
        assert self._reach.gateway is not None
        return self._reach.gateway

    @property
    def compose(self) -> Compose:
        """The project, once a file was written for it."""
        assert self._compose is not None
        return self._compose

    @property
    def database(self) -> ComposedMySql | ComposedPostgres:
        """The project's database server."""
        return composed_server(
            self._context, self.compose, self.roles,
            database=self.settings.made_database, password=self._password,
        )  # fmt: skip

    @property
    def database_address(self) -> tuple[str, int]:
        """Where on this machine it is reached."""
        return self.gateway.addresses[self.roles.database_port]

    @property
    def address(self) -> tuple[str, int]:
        """Where on this machine the app is reached."""
        return self.gateway.addresses[self._routes.app]

    @property
    def services(self) -> tuple[RunningService, ...]:
        """What the exam provides, once it is there."""
        return self._reach.services

    @property
    def essential(self) -> dict[str, str]:
        """The containers of ours that must outlive an examination, by what they are called."""
        ours = {one.manifest.title: one.server.id for one in self.services}
        return {"the gateway": self.gateway.container} | ours

    @property
    def reached(self) -> dict[str, ReachedAt]:
        """Where on this machine containers of roles are reached, by name: the app's if several."""
        return reached_by(self._routes, self.gateway)

    @property
    def _routes(self) -> ProjectRoutes:
        return ProjectRoutes(roles=self.roles, challenge=self._context.challenge)

    def app(self) -> DeployedApp:
        """Return the app, which `up` starts."""
        app = self._app(self.compose, self.address)
        if found := self._routes.secure.get(self.roles.app.name):
            app.secure = self.gateway.addresses[found.gateway]
        return app

    def other_app(self, name: str) -> DeployedApp:
        """Return another container of the app, which `up` has started."""
        at = self.reached[name]
        found = self._app(self.compose, (at.host, at.port), name)
        found.container.find()
        return found

    def app_container(self) -> ComposedContainer:
        """Return the app's container, which needs no gateway to be started."""
        return ComposedContainer(self._context.resources.engine, self.compose, self.roles.app.name)

    def _app(self, compose: Compose, address: tuple[str, int], name: str = "") -> DeployedApp:
        service = name or self.roles.app.name
        container = ComposedContainer(self._context.resources.engine, compose, service)
        return DeployedApp(
            self._context, container, address, surroundings=self.settings.app_settings()
        )

    def container(self, service: str) -> Container:
        """Return the container of a service."""
        container = Container(self._context.resources.engine)
        container.id = self.compose.container(service)
        return container

    @property
    def stands_in_for(self) -> str:
        """The series of MySQL that another one stands in for; empty where it is the very image.

        Empty for the others, which take what another series of theirs takes.
        """
        wanted = self.roles.database_image
        if self.roles.database_kind != "mysql":
            return ""
        swapped = any(
            one.wanted == wanted for one in self._context.recorder.materials.substitutions
        )
        return images.mysql_series(wanted) if swapped else ""

    # -- making it --------------------------------------------------------------------------

    def provide(self) -> None:
        """Make the networks and find the databases' images. Raises `PlatformError`."""
        self.find_images()
        spec, context = self._environment_spec(), self._context
        if shared := context.resources.take(spec):
            self._reach = _Reach(shared.networks, shared.gateway, shared.services, shared=True)
        elif spec.services:
            own = make_environment(context, spec, name=self._name, cancel=self._cancel)
            self._reach = _Reach(own.networks, own.gateway, own.services)
        else:
            engine, labels = context.resources.engine, context.resources.labels
            self._reach.networks = create_networks(engine, self._name, labels, inside=spec.inside)
        note_services(context, self._reach.services)

    def start_gateway(self) -> None:
        """Start the gateway, where it is not there already. Raises `PlatformError`."""
        if self._reach.gateway is not None:
            return
        assert self._reach.networks is not None
        engine, settings = self._context.resources.engine, self._context.settings
        tools = images.tools_image(engine, settings=settings)
        routes = dict(self._environment_spec().routes)
        self._reach.gateway = start_gateway(
            engine, tools, self._reach.networks, routes, self._context.resources.labels
        )

    def _environment_spec(self) -> EnvironmentSpec:
        """Return what it stands on."""
        return self._routes.spec(max(len(self._project.networks), 1))

    def filled(self, value: T) -> T:
        """`value` with what the exam's services give in the place of what stood for it."""
        return filled(value, self.roles.stand_ins.real(self._reach.services))

    def use(self, built: Mapping[str, str]) -> None:
        """Note the images of services that are built; those that have none are left out."""
        self._images.update(built)
        self.roles = self.roles.with_built(built)

    def find_images(self) -> None:
        """Find the images of databases that are not built. Raises `ImageUnavailable`."""
        for name in self.roles.started:
            service = self._project.services[name]
            if service.build is None and images.is_mysql(service.image.reference):
                self._images[name] = service_image(self._context, service.image.reference)
            elif service.build is None:
                self._find_image(name, service.image.reference)

    def _find_image(self, name: str, reference: str) -> None:
        """Find the image of another service; the project does without one that cannot be had.

        Not without one that the exam asks for: what this machine lacks costs nobody a point.
        """
        try:
            self._images[name] = service_image(self._context, reference)
        except (ImageUnavailable, images.BaseImageUnknown) as error:
            if name in self.roles.named.values():
                raise
            said = f"The service {name!r} ({reference}) is not started. {error}"
            self._context.recorder.notes.append(said)
            self.roles = self.roles.without(name)
            self.settings = replace(self.settings, roles=self.roles)

    def write(self) -> None:
        """Write our file for the services whose images are known."""
        content = self.filled(render(self._plan()))
        if self._compose is None:
            self._compose = Compose(
                self._context.resources.engine, f"grader-{self._name}", content,
                self._context.folder / f"compose{self._name}", self._cancel,
                confirm=self._context.resources.platform.require_sound,
            )  # fmt: skip
        else:
            self._compose.write(content)

    def probe(self, environment: Mapping[str, str], number: int = 0) -> DeployedApp:
        """One more app, not started yet, that gets another environment.

        `number` is 0 or 1: two may be there at a time.
        """
        name = f"grader-{self._name}-probe{next(self._trials)}"
        plan = replace(
            self._plan(), name=name, started=(self.roles.app.name,),
            probe=RenderedProbe(name=f"{PROBE}-{number}", environment=environment),
        )  # fmt: skip
        folder = self._context.folder / name
        confirm = self._context.resources.platform.require_sound
        compose = Compose(
            self._context.resources.engine, name, self.filled(render(plan)), folder, self._cancel,
            confirm=confirm,
        )  # fmt: skip
        return self._app(compose, self.gateway.addresses[self._routes.probes[number]])

    def remove(self) -> None:
        """Remove all of it that is its own: containers, volumes, gateway and networks."""
        self.compose.remove()
        if self._reach.shared:
            return
        api = self._context.resources.engine.client.api
        with translated():
            for one in self._reach.services:
                api.remove_container(one.server.id, force=True, v=True)
            api.remove_container(self.gateway.container, force=True)
            networks = self._reach.networks
            for name in (*networks.inside, networks.edge) if networks else ():
                api.remove_network(name)

    # -- our file -------------------------------------------------------------------------

    def _plan(self) -> ComposeRendering:
        assert self._reach.networks is not None
        names = self._project.networks or ("default",)
        roles, copies, context = self.roles, self.roles.copies, self._context
        known = dict(self._images)
        known |= {one: known[of] for one, of in copies.items() if of in known}
        started = {one: copies.get(one, one) for one in (*roles.started, *copies) if one in known}
        return ComposeRendering(
            name=f"grader-{self._name}",
            project=roles.expanded(self.settings.reading),
            app=roles.app.name,
            database=RenderedDatabase(
                name=roles.database_name,
                environment={
                    "GRADER_PASSWORD": self._password,
                    "GRADER_MYSQL_SERIES": self.stands_in_for,
                },
                stores=tuple(one for one, of in started.items() if runs_store(roles, of)),
                large=large_stores(roles, started),
                proxies=tuple(one for one, of in started.items() if changes_users(roles, of)),
                slow=tuple(one for one, of in started.items() if starts_slowly(roles, of)),
                cpus=min(DATABASE_CPUS, float(context.resources.engine.facts["NCPU"])),
            ),
            started=tuple(started),
            resources=ProjectResources(
                images=known,
                networks=dict(zip(names, self._reach.networks.inside, strict=True)),
                volumes={name: f"grader-{self._name}-{name}" for name in self._project.volumes},
                binds=copy_binds(
                    context.snapshot,
                    self._project,
                    started,
                    context.folder / f"binds{self._name}",
                    real=roles.stand_ins.real(self._reach.services),
                    given=roles.stand_ins.files,
                ),
                binds_writable=os.geteuid() == 0,
            ),
            limits=context.challenge.limits,
            labels=context.resources.labels,
            reached=self._routes.names,
        )
