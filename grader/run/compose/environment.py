"""What one bring-up of a Compose project stands on: networks, gateway, images and our own file."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Mapping
from dataclasses import replace

from grader.errors import PlatformError
from grader.inspect.appfiles import AppFiles
from grader.inspect.compose.project import MountKind, Project, Reading
from grader.inspect.compose.quotes import quoted_values
from grader.inspect.files import read_text
from grader.run.app import DeployedApp
from grader.run.compose.bind_mounts import copy_binds
from grader.run.compose.refused import LoginDiagnosis
from grader.run.compose.render import APP, DATABASE, DATABASE_CPUS, PROBE, ComposeRendering, render
from grader.run.compose.resolve import ComposeRoles
from grader.run.context import RunContext
from grader.run.environment.provision import EnvironmentSpec, probe_ports
from grader.run.missing_variables import unset_of
from grader.sandbox import images
from grader.sandbox.compose import Compose, ComposedContainer
from grader.sandbox.container import Container
from grader.sandbox.diagnosis import AppSettings
from grader.sandbox.engine import image_id, translated
from grader.sandbox.gateway import Gateway, start_gateway
from grader.sandbox.missing_variables import Unset
from grader.sandbox.network import Networks, create_networks
from grader.services.base import ServerEnded
from grader.services.mysql.server import PORT as MYSQL_PORT
from grader.services.mysql.server import MySqlAccess, MySqlServer
from grader.text import clean, clip

ADMIN = "practical-exam-grader"
"""The account that the MySQL twin makes for us, whatever the student's are called."""


class ComposedMySql(MySqlServer):
    """The MySQL server of a project; its container changes with each `down` and `up`."""

    own = True

    def __init__(
        self, context: RunContext, compose: Compose, service: str, access: MySqlAccess
    ) -> None:
        super().__init__(context.resources.engine, access)
        self._compose = compose
        self._service = service

    @property
    def id(self) -> str:
        """The container's id; empty where there is none at present."""
        return self._compose.container(self._service)

    def _start_server(self) -> None:
        from docker.errors import APIError

        try:
            super()._start_server()
        except PlatformError as error:
            if not isinstance(error.__cause__, APIError):
                raise
            self._compose.confirm()
            msg = f"It cannot be started again: {clip(clean(str(error)), 300)}"
            raise ServerEnded(msg) from error


class ComposeEnvironment:
    """The place of one project; `provide` comes first, then `write` with the images known."""

    def __init__(
        self, context: RunContext, cast: ComposeRoles, reading: Reading, *, suffix: str = "",
        cancel: threading.Event | None = None,
    ) -> None:  # fmt: skip
        """`suffix` keeps a second bring-up of one run apart from the first."""
        self._context = context
        self._cast = cast
        self._project: Project = cast.project(reading)
        self._drawn = frozenset(reading.secrets.values())
        self._name = f"{context.run}{suffix}"
        self._cancel = cancel or context.cancel
        self._images: dict[str, str] = {}
        self._access = MySqlAccess.draw()
        self._access = MySqlAccess(
            database=self._environment(cast.database.name, "DATABASE"),
            user="", password="", root_password=self._access.root_password, admin=ADMIN,
        )  # fmt: skip
        context.redactor.hide({f"GRADER_PASSWORD{suffix}": self._access.root_password})
        self._networks: Networks | None = None
        self._gateway: Gateway | None = None
        self._shared = False
        self._compose: Compose | None = None
        self._trials = itertools.count(1)
        self._probe_ports = probe_ports(cast.port, {MYSQL_PORT})

    # -- what there is --------------------------------------------------------------------

    @property
    def gateway(self) -> Gateway:
        """The gateway, once it is provided."""
        assert self._gateway is not None
        return self._gateway

    @property
    def compose(self) -> Compose:
        """The project, once a file was written for it."""
        assert self._compose is not None
        return self._compose

    @property
    def mysql(self) -> ComposedMySql:
        """The project's MySQL server."""
        return ComposedMySql(self._context, self.compose, self._cast.database.name, self._access)

    @property
    def mysql_address(self) -> tuple[str, int]:
        """Where on this machine it is reached."""
        return self.gateway.addresses[MYSQL_PORT]

    @property
    def address(self) -> tuple[str, int]:
        """Where on this machine the app is reached."""
        return self.gateway.addresses[self._cast.port]

    def app(self) -> DeployedApp:
        """The app, which `up` starts."""
        return self._app(self.compose, self.address)

    def app_container(self) -> ComposedContainer:
        """The app's container, which needs no gateway to be started."""
        return ComposedContainer(self._context.resources.engine, self.compose, self._cast.app.name)

    def _app(self, compose: Compose, address: tuple[str, int]) -> DeployedApp:
        container = ComposedContainer(self._context.resources.engine, compose, self._cast.app.name)
        return DeployedApp(self._context, container, address, surroundings=self.surroundings)

    @property
    def surroundings(self) -> AppSettings:
        """Where the app runs, and what it is made from."""
        return AppSettings(
            port=self._cast.port, asked_by=self._cast.asked_by,
            database=self._cast.database.name, database_hosts=self._cast.database_hosts,
            service=self._cast.app.name, unset=self._unset,
            sources=lambda: self.files(self._cast.app.name),
            quoted=quoted_values(self._context.snapshot, self._project),
            refused=self._refused,
        )  # fmt: skip

    def _refused(self, user: str) -> str:
        """Which literals make MySQL refuse a user; empty where none do."""
        services = self._project.services
        return LoginDiagnosis(
            root=self._context.snapshot, project=self._project, app=services[self._cast.app.name],
            database=services[self._cast.database.name], drawn=self._drawn,
        ).explain(user)  # fmt: skip

    def files(self, service: str) -> AppFiles:
        """The files that a service is built from."""
        found = self._project.services[service]
        return AppFiles(
            root=self._context.snapshot,
            folder=found.build.context if found.build else "",
            dockerfile=self._cast.dockerfiles.get(service),
            service=found,
            compose=self._project.path,
        )

    def _unset(self) -> tuple[Unset, ...]:
        """What the app reads and the file does not give it."""
        app = self._cast.app
        top = self._context.snapshot
        if app.build is None or set(app.env_files).intersection(self._cast.fresh.missing):
            return ()  # what a missing file would give is not known
        folder = top / app.build.context
        return unset_of(folder, self.app_environment, self._cast.dockerfiles.get(app.name))

    def _container(self, service: str) -> Container:
        container = Container(self._context.resources.engine)
        container.id = self.compose.container(service)
        return container

    def _environment(self, service: str, name: str) -> str:
        values = self._project.services[service].environment
        for known in (f"MYSQL_{name}", f"MARIADB_{name}"):
            if found := values.get(known) or self._held(service, values.get(f"{known}_FILE", "")):
                return found
        return ""

    def _held(self, service: str, path: str) -> str:
        """What the file at `path` in a container holds, where it is mounted; else nothing."""
        for mount in self._project.services[service].mounts if path else ():
            if mount.target == path and mount.kind is MountKind.BIND:
                text = mount.content
                if text is None:
                    text = read_text(self._context.snapshot, mount.source)
                return text.rstrip("\n")
        return ""

    @property
    def stands_in_for(self) -> str:
        """The series of MySQL that another one stands in for; empty where it is the very image."""
        wanted = self._cast.database_image
        swapped = any(
            one.wanted == wanted for one in self._context.recorder.materials.substitutions
        )
        return images.mysql_series(wanted) if swapped else ""

    # -- making it --------------------------------------------------------------------------

    def provide(self) -> None:
        """Make the networks and find the images of MySQL. Raises `PlatformError`."""
        self.find_images()
        plan = self._place()
        if shared := self._context.resources.take(plan):
            self._networks, self._gateway, self._shared = shared.networks, shared.gateway, True
            return
        engine, labels = self._context.resources.engine, self._context.resources.labels
        self._networks = create_networks(engine, self._name, labels, inside=plan.inside)

    def start_gateway(self) -> None:
        """Start the gateway, where it is not there already. Raises `PlatformError`."""
        if self._shared:
            return
        assert self._networks is not None
        engine, settings = self._context.resources.engine, self._context.settings
        tools, routes = images.tools_image(engine, settings=settings), dict(self._place().routes)
        self._gateway = start_gateway(
            engine, tools, self._networks, routes, self._context.resources.labels
        )

    def _place(self) -> EnvironmentSpec:
        """What it stands on."""
        port = self._cast.port
        routes = [(port, f"{APP}:{port}"), (MYSQL_PORT, f"{DATABASE}:{MYSQL_PORT}")]
        for number, other in enumerate(self._probe_ports):
            routes.append((other, f"{PROBE}-{number}:{port}"))
        return EnvironmentSpec(routes=tuple(routes), inside=max(len(self._project.networks), 1))

    def use(self, built: Mapping[str, str]) -> None:
        """Note the images of services that are built; those that have none are left out."""
        self._images.update(built)
        self._cast = self._cast.with_built(built)

    def find_images(self) -> None:
        """Find the images of the MySQL services that are not built. Raises `ImageUnavailable`."""
        for name in self._cast.started:
            service = self._project.services[name]
            if service.build is None and images.is_mysql(service.image):
                self._images[name] = self._mysql_image(service.image)

    def _mysql_image(self, reference: str) -> str:
        context = self._context
        twin = images.mysql_image(
            context.resources.engine, reference, settings=context.settings,
            progress=lambda text: context.recorder.progress("provision", text),
        )  # fmt: skip
        context.recorder.substitute(twin.substitution)
        context.recorder.start_from(twin.base)
        context.recorder.materials.images[reference] = image_id(
            context.resources.engine, twin.image
        )
        return twin.image

    def write(self) -> None:
        """Write our file for the services whose images are known."""
        content = render(self._plan())
        if self._compose is None:
            self._compose = Compose(
                self._context.resources.engine, f"grader-{self._name}", content,
                self._context.folder / f"compose{self._name}", self._cancel,
                confirm=self._context.resources.platform.require_sound,
            )  # fmt: skip
        else:
            self._compose.write(content)

    @property
    def app_environment(self) -> Mapping[str, str]:
        """What the app's service is given."""
        return self._project.services[self._cast.app.name].environment

    def probe(self, environment: Mapping[str, str], number: int = 0) -> DeployedApp:
        """One more app, not started yet, that gets another environment.

        `number` is 0 or 1: two may be there at a time.
        """
        name = f"grader-{self._name}-beside{next(self._trials)}"
        plan = replace(
            self._plan(), name=name, started=(self._cast.app.name,), app_environment=environment,
            probe=f"{PROBE}-{number}",
        )  # fmt: skip
        folder = self._context.folder / name
        confirm = self._context.resources.platform.require_sound
        compose = Compose(
            self._context.resources.engine,
            name,
            render(plan),
            folder,
            self._cancel,
            confirm=confirm,
        )
        return self._app(compose, self.gateway.addresses[self._probe_ports[number]])

    def remove(self) -> None:
        """Remove all of it that is its own: containers, volumes, gateway and networks."""
        self.compose.remove()
        if self._shared:
            return
        api = self._context.resources.engine.client.api
        with translated():
            api.remove_container(self.gateway.container, force=True)
            for name in (*self._networks.inside, self._networks.edge) if self._networks else ():
                api.remove_network(name)

    # -- our file -------------------------------------------------------------------------

    def _plan(self) -> ComposeRendering:
        assert self._networks is not None
        names = self._project.networks or ("default",)
        started = tuple(name for name in self._cast.started if name in self._images)
        return ComposeRendering(
            name=f"grader-{self._name}",
            project=self._project,
            app=self._cast.app.name,
            database=self._cast.database.name,
            started=started,
            images=self._images,
            networks=dict(zip(names, self._networks.inside, strict=True)),
            volumes={name: f"grader-{self._name}-{name}" for name in self._project.volumes},
            binds=copy_binds(
                self._context.snapshot,
                self._project,
                started,
                self._context.folder / f"binds{self._name}",
            ),
            binds_writable=os.geteuid() == 0,
            database_environment={
                "GRADER_PASSWORD": self._access.root_password,
                "GRADER_MYSQL_SERIES": self.stands_in_for,
            },
            limits=self._context.challenge.limits,
            database_cpus=min(DATABASE_CPUS, float(self._context.resources.engine.facts["NCPU"])),
            labels=self._context.resources.labels,
        )
