"""One bring-up of a student's Compose project: up, down, killed, and back again."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

from grader.errors import Cancelled
from grader.exam.faults import Mismatch
from grader.inspect.compose.project import Condition, MountKind, Reading
from grader.inspect.compose.replicas import shown
from grader.run.app import DeployedApp
from grader.run.compose.diagnosis import ComposeDiagnosis
from grader.run.compose.environment import ComposeEnvironment
from grader.run.compose.project_roles import ComposeRoles
from grader.run.compose.stores import runs_store, starts_slowly
from grader.run.context import RunContext
from grader.sandbox import images
from grader.sandbox.container import CannotStart, Container
from grader.sandbox.diagnosis import CERTAIN, cannot_start
from grader.sandbox.launch import NotReady
from grader.services.base import NotAnswering, ServerEnded
from grader.services.container import READY_SECONDS
from grader.spec.roles import APP
from grader.waiting import wait_until

POLL = 0.05
CUSTOMISED_SECONDS = 15.0
"""Seconds at least for a database with something of the student's: a busy machine is slow."""
HEALTH_PATIENCE = 8.0
"""Seconds for which a health check may fail although its service is up."""
STORE_PATIENCE, BROKER_PATIENCE = 30.0, 60.0
"""The same where a store or a broker starts with the others, whose first start takes its time."""
HEALTH_LOOK = 0.25
"""Seconds between two looks at what failing health checks say: each asks for every container."""


class _Looks:
    """When what failing health checks say is looked at, while something waits for them."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._next = self._since + HEALTH_LOOK

    @property
    def waited(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._since

    def due(self) -> bool:
        """Return whether it is time for a look; it counts as taken then."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + HEALTH_LOOK
        return True


class ComposeProject:
    """A project that is brought up once or again; `provision` comes first."""

    def __init__(
        self, context: RunContext, roles: ComposeRoles, reading: Reading, *, suffix: str = "",
        cancel: threading.Event | None = None,
    ) -> None:  # fmt: skip
        """`suffix` keeps a second bring-up of one run apart from the first."""
        self._context = context
        self._project = roles.expanded(reading)
        self._cancel = cancel or context.cancel
        self.environment = ComposeEnvironment(
            context, roles, reading, suffix=suffix, cancel=self._cancel
        )

    @property
    def _roles(self) -> ComposeRoles:
        return self.environment.roles

    @property
    def _started(self) -> tuple[str, ...]:
        """What is started, a service for each container."""
        return (*self._roles.started, *self._roles.copies)

    @property
    def _faults(self) -> ComposeDiagnosis:
        roles, settings = self._roles, self.environment.settings
        return ComposeDiagnosis(
            self._project, self._started, roles.app.name, roles.database_name,
            self.environment.container, settings.app_settings(), settings.server_files(),
            roles.product, images.mysql_series(roles.database_image), roles.database_port,
        )  # fmt: skip

    def provision(self, *, database: bool = False) -> None:
        """Make networks and gateway, with `database` MySQL as well. Raises `PlatformError`.

        Why MySQL does not start, where that is so, is found out again by `up`.
        """
        self.environment.provide()
        self.environment.write()
        with ThreadPoolExecutor(max_workers=1) as pool:
            starting = pool.submit(self.environment.start_gateway)
            try:
                if database:
                    self.environment.compose.up([self._roles.database_name], dependencies=False)
            except CannotStart:
                database = False
            starting.result()
        if database:
            try:
                self.await_database()
            except (ServerEnded, NotAnswering):
                pass

    def up_database(self) -> None:
        """Start MySQL alone and wait until it takes connections.

        Raises `ServerEnded` where it ends by itself (the student's settings), `PlatformError`.
        """
        self.environment.compose.up([self._roles.database_name], dependencies=False)
        self.await_database()

    def up_stores(self) -> None:
        """Start the caches and the like that the exam asks for, and the app may need to start."""
        roles = self._roles
        stores = [
            name
            for name in dict.fromkeys(roles.named.values())
            if name != roles.database_name and runs_store(roles, name)
        ]
        if stores:
            self.environment.compose.up(stores, dependencies=False)

    def up_rest(self) -> None:
        """Start what is neither the app nor MySQL: services that make tables, for one."""
        known = {self._roles.app.name, self._roles.database_name}
        if others := [name for name in self._roles.started if name not in known]:
            self.environment.compose.up(others, dependencies=False)

    def restart_database(self) -> None:
        """Kill MySQL and start it. Raises `Mismatch` where it does not come back."""
        self.environment.database.stop()
        self.start_database_again()

    def start_database_again(self) -> None:
        """Start MySQL after a stop. Raises `Mismatch` where it does not come back."""
        try:
            self.environment.database.start_again(self.environment.database_address, self._cancel)
        except (ServerEnded, NotAnswering) as error:
            msg = f"The service {self._roles.database_name!r} did not come back: {error}"
            raise Mismatch(msg) from error

    def await_database(self) -> None:
        """Wait until MySQL takes connections. Raises as `up_database` does."""
        limit = self._context.challenge.limits.start
        within = max(limit, CUSTOMISED_SECONDS if self.customised() else READY_SECONDS)
        self.environment.database.await_ready(
            self.environment.database_address, self._cancel, within
        )

    def customised(self) -> bool:
        """Return whether the MySQL service runs what the student wrote, which may be at fault."""
        service = self._project.services[self._roles.database_name]
        given = (
            service.build
            or service.process.command
            or service.process.entrypoint
            or service.process.user
        )
        binds = [one for one in service.mounts if one.kind is MountKind.BIND]
        return bool(given or binds)

    def up(self, app: DeployedApp) -> NotReady | None:
        """Bring everything up and wait for the app; the reason where it does not come.

        MySQL comes first and by itself: what an app does that starts before it is a question of its
        own (`database.late`), and has one answer each time.
        """
        self._context.watch_disk()
        try:
            if self._roles.database:
                self.up_database()
        except (ServerEnded, CannotStart) as error:
            return self._faults.of_database(error)
        except NotAnswering as error:
            if not self.customised():
                raise
            return self._faults.of_database(error)
        failure = self._start_others()
        app.container.find()
        return failure or app.ready() or self._others_ready()

    def _others_ready(self) -> NotReady | None:
        """Wait for the other containers of an app that has several; why one does not come."""
        for name in self._roles.replicas.get(APP, ())[1:]:
            if failure := self.environment.other_app(name).ready():
                said = f"The app's {shown(name)} does not come up as its first container did."
                return replace(failure, rationale=f"{said} {failure.rationale}")
        return None

    def _start_others(self) -> NotReady | None:
        """Start all but MySQL, once what they wait for has come; the reason where it does not."""
        name = self._roles.database_name
        others = [one for one in self._started if one != name]
        waits = [
            one for other in others for one in self._project.services[other].lifecycle.depends_on
        ]
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
        if self._project.services[service].lifecycle.healthcheck is None:
            said = f"Others wait for {service!r} to be healthy, but it has no health check."
            return NotReady(rationale=said, evidence="", cause="health-check")
        return self._wait_for_health([self.environment.container(service)], {"healthy"})

    def _wait_for_health(
        self, containers: Sequence[Container], sound: Collection[str]
    ) -> NotReady | None:
        """Wait until the health of each container is one of `sound`; why one's never is."""
        looks, failure = _Looks(), None

        def is_over() -> bool:
            nonlocal failure
            if all(one.state().health in sound for one in containers):
                return True
            failure = self._failing_health(looks.waited) if looks.due() else None
            return failure is not None

        wait_until(is_over, within=math.inf, cancel=self._cancel)  # `_failing_health` has a limit
        return failure

    def _failing_health(self, waited: float) -> NotReady | None:
        """Return why a health check will not pass any more; None while it still may."""
        found, patience = self._faults.of_health(), self._patience
        if found and (found.cause in CERTAIN or waited > patience):
            return found
        if waited > max(patience, self._context.challenge.limits.start):
            said = f"A health check has not passed in {waited:.0f} s, and it printed nothing."
            return NotReady(rationale=said, evidence="", cause="health-check")
        return None

    @property
    def _patience(self) -> float:
        """Seconds for which a health check may fail although its service is up."""
        roles = self._roles
        others = [one for one in roles.started if one != roles.database_name]
        if any(starts_slowly(roles, one) for one in others):
            return BROKER_PATIENCE
        stores = any(runs_store(roles, one) for one in others)
        return STORE_PATIENCE if stores else HEALTH_PATIENCE

    def _compose_up(self, services: list[str], *, dependencies: bool) -> NotReady | None:
        """Have compose start `services`; meanwhile see whether a health check can pass at all."""
        stop, looks = threading.Event(), _Looks()
        found: NotReady | None = None
        with ThreadPoolExecutor(max_workers=1) as pool:
            rising = pool.submit(
                self.environment.compose.up, services, dependencies=dependencies, cancel=stop
            )
            while not wait([rising], timeout=POLL).done and not stop.is_set():
                if looks.due():
                    found = self._failing_health(looks.waited)
                if found or self._cancel.is_set():
                    stop.set()
            failure = rising.exception()
        self._require_going_on()
        if found:
            return found
        if isinstance(failure, CannotStart):
            return self._faults.of_services() or NotReady(
                rationale=cannot_start(str(failure), self.environment.settings.app_settings()),
                evidence=str(failure),
                cause="command",
            )
        if failure:
            raise failure
        return None

    def _require_going_on(self) -> None:
        if self._cancel.is_set():
            msg = "The run was cancelled while the project was brought up."
            raise Cancelled(msg)

    def down_up(self, app: DeployedApp) -> None:
        """`down` without `-v`, then `up`. Raises `Mismatch` where the app does not come back."""
        self.environment.compose.down()
        self._back(app, "`docker compose down` and `up`")

    def kill(self, app: DeployedApp) -> None:
        """SIGKILL to all, then `up`. Raises `Mismatch` where the app does not come back."""
        self.environment.compose.kill()
        self._back(app, "all containers were killed and started")

    def await_health(self) -> str:
        """Wait until every health check has passed; why one does not, empty where all do."""
        checked = [
            self.environment.container(name)
            for name in self._started
            if self._project.services[name].lifecycle.healthcheck
        ]
        failure = self._wait_for_health(checked, {"healthy", ""})
        return failure.rationale if failure else ""

    def _back(self, app: DeployedApp, what: str) -> None:
        failure = self.up(app)
        if failure:
            msg = f"After {what}, the app did not come back. {failure.rationale}"
            raise Mismatch(msg)
