"""One bring-up of a student's Compose project: networks and gateway of its own, and our file."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from grader.errors import Cancelled
from grader.exam.faults import Mismatch
from grader.inspect.compose.project import Condition, MountKind, Project, Reading
from grader.phases.binds import copy_binds
from grader.phases.cast import Cast
from grader.phases.compose_faults import Faults
from grader.phases.compose_file import APP, BESIDE, DATABASE, Plan, document
from grader.phases.context import Context
from grader.phases.launching import App
from grader.phases.place import beside_port
from grader.sandbox import images
from grader.sandbox.compose import Compose, ComposedContainer
from grader.sandbox.container import CannotStart, Container
from grader.sandbox.diagnosis import Surroundings, cannot_start
from grader.sandbox.engine import image_id, translated
from grader.sandbox.launch import NotReady
from grader.sandbox.network import LOOPBACK, Gateway, Networks, create_networks, start_gateway
from grader.services.mysql import PORT as MYSQL_PORT
from grader.services.mysql import READY_SECONDS, MySqlAccess, MySqlServer, NotAnswering, ServerEnded

ADMIN = "grader"
"""The account that the MySQL twin makes for us, whatever the student's are called."""
POLL = 0.05
HEALTH_PATIENCE = 4.0
"""Seconds for which a health check may fail although its service is up."""


class ComposedMySql(MySqlServer):
    """The MySQL server of a project; its container changes with each `down` and `up`."""

    def __init__(
        self, context: Context, compose: Compose, service: str, access: MySqlAccess
    ) -> None:
        super().__init__(context.engine, access)
        self._compose = compose
        self._service = service

    @property
    def id(self) -> str:
        """The container's id; empty where there is none at present."""
        return self._compose.container(self._service)


class Composition:
    """A project that is brought up once or again; `provision` comes first."""

    def __init__(
        self, context: Context, cast: Cast, reading: Reading, *, suffix: str = "",
        cancel: threading.Event | None = None,
    ) -> None:  # fmt: skip
        """`suffix` keeps a second bring-up of one run apart from the first."""
        self._context = context
        self._cast = cast
        self._project: Project = cast.project(reading)
        self._name = f"{context.run}{suffix}"
        self._cancel = cancel or context.cancel
        self._images: dict[str, str] = {}
        self._access = MySqlAccess.draw()
        self._access = MySqlAccess(
            database=self._environment(cast.database.name, "DATABASE"),
            user="", password="", root_password=self._access.root_password, admin=ADMIN,
        )  # fmt: skip
        context.secrets[f"GRADER_PASSWORD{suffix}"] = self._access.root_password
        self._networks: Networks | None = None
        self._gateway: Gateway | None = None
        self._compose: Compose | None = None
        self._trials = 0
        self._beside_port = beside_port(cast.port)

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
        """Where on loopback it is reached."""
        return LOOPBACK, self.gateway.ports[MYSQL_PORT]

    @property
    def address(self) -> tuple[str, int]:
        """Where on loopback the app is reached."""
        return LOOPBACK, self.gateway.ports[self._cast.port]

    def app(self) -> App:
        """The app, which `up` starts."""
        return self._app(self.compose, self.address)

    def _app(self, compose: Compose, address: tuple[str, int]) -> App:
        container = ComposedContainer(self._context.engine, compose, self._cast.app.name)
        surroundings = Surroundings(
            port=self._cast.port, asked_by="your Compose file publishes",
            database=self._cast.database.name, database_hosts=self._cast.database_hosts,
        )  # fmt: skip
        return App(self._context, container, address, surroundings=surroundings)

    def _container(self, service: str) -> Container:
        container = Container(self._context.engine)
        container.id = self.compose.container(service)
        return container

    @property
    def _faults(self) -> Faults:
        cast = self._cast
        return Faults(
            self._project, cast.started, cast.app.name, cast.database.name, self._container
        )

    def _environment(self, service: str, name: str) -> str:
        values = self._project.services[service].environment
        return values.get(f"MYSQL_{name}") or values.get(f"MARIADB_{name}") or ""

    # -- before there is an image of the app ----------------------------------------------

    def provision(self, *, database: bool = False) -> None:
        """Make networks and gateway, with `database` MySQL as well. Raises `PlatformError`.

        Why MySQL does not start, where that is so, is found out again by `up`.
        """
        engine, labels = self._context.engine, self._context.labels
        self.find_images()
        count = max(len(self._project.networks), 1)
        self._networks = create_networks(engine, self._name, labels, inside=count)
        self.write()
        with ThreadPoolExecutor(max_workers=1) as pool:
            starting = pool.submit(self._start_gateway, self._networks)
            failed = False
            if database:
                try:
                    self.compose.up([self._cast.database.name], dependencies=False)
                except CannotStart:
                    failed = True
            self._gateway = starting.result()
        if database and not failed:
            try:
                self.await_database()
            except (ServerEnded, NotAnswering):
                pass

    def _start_gateway(self, networks: Networks) -> Gateway:
        routes = {
            self._cast.port: f"{APP}:{self._cast.port}",
            MYSQL_PORT: f"{DATABASE}:{MYSQL_PORT}",
            self._beside_port: f"{BESIDE}:{self._cast.port}",
        }
        engine, settings = self._context.engine, self._context.settings
        tools = images.tools_image(engine, settings=settings)
        return start_gateway(engine, tools, networks, routes, self._context.labels)

    def use(self, built: Mapping[str, str]) -> None:
        """Note the images of services that are built."""
        self._images.update(built)

    def find_images(self) -> None:
        """Find the images of the MySQL services that are not built. Raises `ImageUnavailable`."""
        for name in self._cast.started:
            service = self._project.services[name]
            if service.build is None and images.is_mysql(service.image):
                self._images[name] = self._mysql_image(service.image)

    def _mysql_image(self, reference: str) -> str:
        context = self._context
        twin = images.mysql_image(
            context.engine, reference, settings=context.settings,
            progress=lambda text: context.progress("provision", text),
        )  # fmt: skip
        context.substitute(twin.substitution)
        context.images[reference] = image_id(context.engine, twin.image)
        return twin.image

    # -- up and down ----------------------------------------------------------------------

    def write(self) -> None:
        """Write our file for the services whose images are known."""
        content = document(self._plan())
        if self._compose is None:
            self._compose = Compose(
                self._context.engine, f"grader-{self._name}", content,
                self._context.folder / f"compose{self._name}", self._cancel,
            )  # fmt: skip
        else:
            self._compose.write(content)

    def up_database(self) -> None:
        """Start MySQL alone and wait until it takes connections.

        Raises `ServerEnded` where it ends by itself (the student's settings), `PlatformError`.
        """
        self.compose.up([self._cast.database.name], dependencies=False)
        self.await_database()

    def up_rest(self) -> None:
        """Start what is neither the app nor MySQL: services that make tables, for one."""
        known = {self._cast.app.name, self._cast.database.name}
        if others := [name for name in self._cast.started if name not in known]:
            self.compose.up(others, dependencies=False)

    def restart_database(self) -> None:
        """Kill MySQL and start it. Raises `Mismatch` where it does not come back."""
        self.mysql.stop()
        self.start_database_again()

    def start_database_again(self) -> None:
        """Start MySQL after a stop. Raises `Mismatch` where it does not come back."""
        try:
            self.mysql.start_again(self.mysql_address, self._cancel)
        except (ServerEnded, NotAnswering) as error:
            msg = f"The service {self._cast.database.name!r} did not come back: {error}"
            raise Mismatch(msg) from error

    def await_database(self) -> None:
        """Wait until MySQL takes connections. Raises as `up_database` does."""
        limit = self._context.challenge.limits.start
        within = limit if self._customised() else max(limit, READY_SECONDS)
        self.mysql.await_ready(self.mysql_address, self._cancel, within)

    def _customised(self) -> bool:
        """Whether the MySQL service runs anything of the student's own, which may be at fault."""
        service = self._project.services[self._cast.database.name]
        given = service.build or service.command or service.entrypoint or service.user
        binds = [one for one in service.mounts if one.kind is MountKind.BIND]
        return bool(given or binds)

    def up(self, app: App) -> NotReady | None:
        """Bring everything up and wait for the app; the reason where it does not come.

        MySQL comes first and by itself: what an app does that starts before it is a question of its
        own (`database.late`), and has one answer each time.
        """
        self._context.watch_disk()
        try:
            self.up_database()
        except (ServerEnded, CannotStart) as error:
            return self._faults.of_database(error)
        except NotAnswering as error:
            if not self._customised():
                raise
            return self._faults.of_database(error)
        failure = self._start_others()
        app.container.find()
        return failure or app.ready()

    def _start_others(self) -> NotReady | None:
        """Start all but MySQL, once what they wait for has come; the reason where it does not."""
        name = self._cast.database.name
        others = [one for one in self._cast.started if one != name]
        waits = [one for other in others for one in self._project.services[other].depends_on]
        if all(one.service == name for one in waits):
            # compose looks twice a second whether a dependency is healthy; we look more often
            if any(one.condition is Condition.HEALTHY for one in waits):
                failure = self._await_healthy(name)
                if failure:
                    return failure
            return self._compose_up(others, dependencies=False)
        return self._compose_up([], dependencies=True)

    def _await_healthy(self, service: str) -> NotReady | None:
        """Wait until a service's own check passes; the reason where it never does."""
        if self._project.services[service].healthcheck is None:
            said = f"Others wait for {service!r} to be healthy, but it has no health check."
            return NotReady(rationale=said, evidence="", cause="health-check")
        container, end = self._container(service), time.monotonic() + HEALTH_PATIENCE
        while container.state().health != "healthy":
            self._require_going_on()
            if time.monotonic() > end:
                return self._faults.of_health()
            time.sleep(POLL)
        return None

    def _compose_up(self, services: list[str], *, dependencies: bool) -> NotReady | None:
        """Have compose start `services`; meanwhile see whether a health check can pass at all."""
        stop, found, since = threading.Event(), None, time.monotonic()
        with ThreadPoolExecutor(max_workers=1) as pool:
            rising = pool.submit(self.compose.up, services, dependencies=dependencies, cancel=stop)
            while not rising.done() and not stop.is_set():
                if self._cancel.is_set():
                    stop.set()
                elif time.monotonic() - since > HEALTH_PATIENCE:
                    found = self._faults.of_health()
                    if found:
                        stop.set()
                time.sleep(POLL)
            failure = rising.exception()
        self._require_going_on()
        if found:
            return found
        if isinstance(failure, CannotStart):
            return self._faults.of_services() or NotReady(
                rationale=cannot_start(str(failure)), evidence=str(failure), cause="command"
            )
        if failure:
            raise failure
        return None

    def _require_going_on(self) -> None:
        if self._cancel.is_set():
            msg = "The run was cancelled while the project was brought up."
            raise Cancelled(msg)

    def down_up(self, app: App) -> None:
        """`down` without `-v`, then `up`. Raises `Mismatch` where the app does not come back."""
        self.compose.down()
        self._back(app, "`docker compose down` and `up`")

    def kill(self, app: App) -> None:
        """SIGKILL to all, then `up`. Raises `Mismatch` where the app does not come back."""
        self.compose.kill()
        self._back(app, "all containers were killed and started")

    def beside(self, without: frozenset[str]) -> App | None:
        """One more app, not started yet, that does not get the variables `without`.

        None where the app gets none of them anyway.
        """
        if not without & self._project.services[self._cast.app.name].environment.keys():
            return None
        self._trials += 1
        name = f"grader-{self._name}-without{self._trials}"
        plan = replace(
            self._plan(), name=name, started=(self._cast.app.name,), without=without, beside=True
        )
        folder = self._context.folder / name
        compose = Compose(self._context.engine, name, document(plan), folder, self._cancel)
        return self._app(compose, (LOOPBACK, self.gateway.ports[self._beside_port]))

    def await_health(self) -> str:
        """Wait until every health check has passed; why one does not, empty where all do."""
        end = time.monotonic() + HEALTH_PATIENCE
        while time.monotonic() < end:
            states = [
                self._container(name).state().health
                for name in self._cast.started
                if self._project.services[name].healthcheck
            ]
            if all(health in {"healthy", ""} for health in states):
                return ""
            time.sleep(POLL)
        found = self._faults.of_health()
        return found.rationale if found else ""

    def _back(self, app: App, what: str) -> None:
        failure = self.up(app)
        if failure:
            msg = f"After {what}, the app did not come back. {failure.rationale}"
            raise Mismatch(msg)

    def remove(self) -> None:
        """Remove all of it: containers, volumes, gateway and networks."""
        self.compose.down(volumes=True)
        api = self._context.engine.client.api
        with translated():
            api.remove_container(self.gateway.container, force=True)
            for name in (*self._networks.inside, self._networks.edge) if self._networks else ():
                api.remove_network(name)

    # -- our file -------------------------------------------------------------------------

    def _plan(self) -> Plan:
        assert self._networks is not None
        names = self._project.networks or ("default",)
        started = tuple(name for name in self._cast.started if name in self._images)
        return Plan(
            name=f"grader-{self._name}",
            project=self._project,
            app=self._cast.app.name,
            database=self._cast.database.name,
            started=started,
            images=self._images,
            networks=dict(zip(names, self._networks.inside, strict=True)),
            volumes={name: f"grader-{self._name}-{name}" for name in self._project.volumes},
            binds=copy_binds(
                self._context.folder / "submission",
                self._project,
                started,
                self._context.folder / f"binds{self._name}",
            ),
            binds_writable=os.geteuid() == 0,
            database_environment={"GRADER_PASSWORD": self._access.root_password},
            limits=self._context.challenge.limits,
            labels=self._context.labels,
        )
