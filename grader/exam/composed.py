"""One service of a Compose project, as a suite sees it and acts on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from grader.exam.client import Client
from grader.exam.compose_view import ComposeView
from grader.exam.dispatch import remote
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.operations import ComposedOperations, TerminatedApp
from grader.exam.protocol import Caller
from grader.exam.reached import TlsAddress
from grader.exam.tls_client import TlsClient

Address = tuple[str, int]
OWN = "of `compose.service` the app is looked at only; use app.kill(), app.restart() or the like"


@dataclass(frozen=True, kw_only=True)
class Reaching:
    """Gives a client of what is reached at an address."""

    plain: Callable[[Address], Client]
    tls: Callable[[TlsAddress | None], TlsClient]


class ComposedService:
    """A service of the student's project. What a test has stopped or paused goes on after it.

    The app itself can be looked at; for all else it is `app`, or one of `compose.replicas`.
    """

    def __init__(
        self, name: str, described: Mapping[str, Any], operations: ComposedOperations,
        *, container: str, is_app: bool, reach: Callable[[], Client],
        secure: Callable[[], TlsClient],
    ) -> None:  # fmt: skip
        """`container` is what operations call it."""
        self._operations = operations
        self._container = container
        self._is_app = is_app
        self._reach = reach
        self._secure = secure
        self._stopped = self._paused = False
        self.name = name
        """What the Compose file calls it."""
        self.described = described
        """What the file says of it, as `compose.services` has it."""
        self.disturbed = False
        """Whether the present test has stopped, killed or paused it."""

    @property
    def networks(self) -> list[str]:
        """The names of the project's networks that it is on."""
        return list(self.described["networks"])

    @property
    def published(self) -> list[int]:
        """The ports in its container that the file publishes on the host."""
        return [int(one["target"]) for one in self.described["ports"]]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that its container has, filled in, with those of its image."""
        return self._operations.environment(self._container)

    @property
    def client(self) -> Client:
        """Sends requests to it as `app` does, where challenge.yml names the port of its role.

        The app's containers are reached at its own port, whatever challenge.yml names.
        """
        return self._reach()

    @property
    def tls(self) -> TlsClient:
        """Sends requests to it as `app.tls` does, where challenge.yml has `tls` in its role."""
        return self._secure()

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._operations.running(self._container)

    def logs(self) -> str:
        """Return the last lines that it printed."""
        return self._operations.logs(self._container)

    def stop(self, *, within: float = 10) -> TerminatedApp:
        """Tell it to end, as `docker stop` does, and return how it ended.

        It has `exit_code`, `seconds` and `killed`, which says that it had not ended `within` so
        many seconds (60 at most).
        """
        self._disturb()
        self._stopped = True
        return self._operations.stop(self._container, within=within)

    def kill(self) -> None:
        """Kill it (SIGKILL); `restart:` of the file does not bring it back, `start` does."""
        self._disturb()
        self._stopped = True
        self._operations.kill(self._container)

    def start(self) -> None:
        """Start it again; return when it runs, and is healthy where it has a health check.

        Fails where it ends at once, or is not healthy within `limits.start`.
        """
        self._disturb()
        self._operations.start(self._container)
        self._stopped = False

    def pause(self) -> None:
        """Freeze its processes: connections to it stay open, and nobody answers."""
        self._disturb()
        self._paused = True
        self._operations.pause(self._container)

    def unpause(self) -> None:
        """Let its processes go on."""
        self._operations.unpause(self._container)
        self._paused = False

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Kill it for the block; it has started again after it."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Freeze it for the block."""
        self.pause()
        try:
            yield
        finally:
            self.unpause()

    def restore(self) -> None:
        """Have go on what a test has stopped; where it does not, each test finds so for itself."""
        self.disturbed = False
        with suppress(Mismatch, PlatformFault):
            if self._paused:
                self._operations.unpause(self._container)
        with suppress(Mismatch, PlatformFault):
            if self._stopped:
                self._operations.start(self._container)
        self._stopped = self._paused = False

    def _disturb(self) -> None:
        if self._is_app:
            raise PlatformFault(OWN)
        self.disturbed = True


class ComposedServices:
    """The services of a project, each made when a suite first asks for it."""

    def __init__(self, view: ComposeView, caller: Caller, reaching: Reaching) -> None:
        self._view = view
        self._reaching = reaching
        self._operations: ComposedOperations = remote(ComposedOperations, "composed", caller)
        self._made: dict[tuple[str, bool], ComposedService] = {}
        self.roles: Mapping[str, str] = view.roles.services
        """The roles of the exam, to the names of services."""

    def service(self, name: str) -> ComposedService:
        """Return the service of a role, or of that name.

        Raises `Mismatch` where no service plays the role, `PlatformFault` where there is neither.
        """
        self._require_played(name)
        found = self.roles.get(name, name)
        if found not in self._view.services:
            msg = f"there is no role and no service {name!r}; name one of `submission.roles`"
            raise PlatformFault(msg)
        return self._of(found, found, is_app=found == self._view.app)

    def replicas(self, role: str) -> list[ComposedService]:
        """Return each container of a role that has several.

        Raises `Mismatch` where there are fewer than the exam asks for, `PlatformFault` where it
        asks for one.
        """
        wanted = self._view.roles.several.get(role)
        if wanted is None:
            msg = f"challenge.yml asks for one {role!r}; write `replicas: 2` in that role"
            raise PlatformFault(msg)
        self._require_played(role)
        found = self._view.roles.replicas[role]
        if len(found) < wanted:
            have = "one container" if len(found) == 1 else f"{len(found)} containers"
            msg = (
                f"Your Compose file has {have} of the {role}, and the exam asks for {wanted}; "
                "see compose.valid."
            )
            raise Mismatch(msg)
        return [self._of(one.service, one.name, is_app=False) for one in found]

    def _of(self, service: str, container: str, *, is_app: bool) -> ComposedService:
        if (container, is_app) not in self._made:
            self._made[container, is_app] = ComposedService(
                service, self._view.services[service], self._operations, container=container,
                is_app=is_app, reach=partial(self._reached, container),
                secure=partial(self._secured, container),
            )  # fmt: skip
        return self._made[container, is_app]

    def _require_played(self, role: str) -> None:
        """Raise `Mismatch` where no service plays a role of the exam."""
        if role in self._view.roles.absent:
            msg = f"Your Compose file has no service that is the {role}; see compose.valid."
            raise Mismatch(msg)

    def _reached(self, name: str) -> Client:
        """Return a client of a service. Raises `PlatformFault` where there is no way to it."""
        at = self._view.roles.reached.get(name)
        if at is None or not at.port:
            msg = f"the suite cannot reach {name!r}: challenge.yml names no port of its role"
            raise PlatformFault(msg)
        return self._reaching.plain((at.host, at.port))

    def _secured(self, name: str) -> TlsClient:
        """Return a client that speaks TLS with a service. Raises `PlatformFault`."""
        at = self._view.roles.reached.get(name)
        return self._reaching.tls(at.tls if at else None)

    @property
    def disturbed(self) -> bool:
        """Whether the present test has stopped, killed or paused one."""
        return any(one.disturbed for one in self._made.values())

    def restore(self) -> None:
        """Have go on what the test before has stopped."""
        for one in self._made.values():
            if one.disturbed:
                one.restore()
