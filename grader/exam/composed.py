"""One service of a Compose project, as a suite sees it and acts on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.operations import ComposedOperations, TerminatedApp

OWN = "of `compose.service` the app is looked at only; use app.kill(), app.restart() or the like"


class ComposedService:
    """A service of the student's project. What a test has stopped or paused goes on after it.

    The app itself can be looked at; for all else it is `app`.
    """

    def __init__(
        self, name: str, described: Mapping[str, Any], operations: ComposedOperations,
        *, is_app: bool,
    ) -> None:  # fmt: skip
        self._operations = operations
        self._is_app = is_app
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
        return self._operations.environment(self.name)

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._operations.running(self.name)

    def logs(self) -> str:
        """Return the last lines that it printed."""
        return self._operations.logs(self.name)

    def stop(self, *, within: float = 10) -> TerminatedApp:
        """Tell it to end, as `docker stop` does, and return how it ended.

        It has `exit_code`, `seconds` and `killed`, which says that it had not ended `within` so
        many seconds (60 at most).
        """
        self._disturb()
        self._stopped = True
        return self._operations.stop(self.name, within=within)

    def kill(self) -> None:
        """Kill it (SIGKILL); `restart:` of the file does not bring it back, `start` does."""
        self._disturb()
        self._stopped = True
        self._operations.kill(self.name)

    def start(self) -> None:
        """Start it again; return when it runs, and is healthy where it has a health check.

        Fails where it ends at once, or is not healthy within `limits.start`.
        """
        self._disturb()
        self._operations.start(self.name)
        self._stopped = False

    def pause(self) -> None:
        """Freeze its processes: connections to it stay open, and nobody answers."""
        self._disturb()
        self._paused = True
        self._operations.pause(self.name)

    def unpause(self) -> None:
        """Let its processes go on."""
        self._operations.unpause(self.name)
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
                self._operations.unpause(self.name)
        with suppress(Mismatch, PlatformFault):
            if self._stopped:
                self._operations.start(self.name)
        self._stopped = self._paused = False

    def _disturb(self) -> None:
        if self._is_app:
            raise PlatformFault(OWN)
        self.disturbed = True
