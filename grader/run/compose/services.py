"""What a suite may have one service of a Compose project do: `ComposedOperations`.

Each is the student's own, so that what it does not do is the student's loss; each call has a bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.errors import PlatformError
from grader.exam.faults import Mismatch
from grader.exam.operations import TerminatedApp
from grader.inspect.compose.replicas import shown
from grader.run.app import LOG_CHARACTERS, LONGEST_END
from grader.run.compose.project import ComposeProject
from grader.run.context import RunContext
from grader.sandbox.compose import ComposedContainer
from grader.sandbox.container import CannotStart, Container, ContainerState
from grader.sandbox.engine import translated
from grader.spec.roles import APP
from grader.text import clip, last_lines
from grader.waiting import wait_until

OWN = "The app itself is `app`: use app.kill(), app.restart() or app.terminate()."
SETTLE_SECONDS = 0.5
"""How long a service without a health check is watched at least: what ends at once ends by then."""
IDLE_SECONDS = 2.0
"""How long a service may work before it counts as started, and before it is stopped: one that only
starts may end yet, and hears no signal."""
LINES = 8
"""How many of the last lines of its log are shown of a service that ends."""


@dataclass(frozen=True)
class ProjectServices:
    """Acts on one service at a time, or on one container of a role that has several."""

    context: RunContext
    project: ComposeProject

    def stop(self, service: str, *, within: float) -> TerminatedApp:
        """Stop it, once it waits for something; return how it ended."""
        container = self._acting_on(service)
        wait_until(_settled(container), within=IDLE_SECONDS)
        ended = container.terminate(min(max(within, 0.0), LONGEST_END))
        return TerminatedApp(exit_code=ended.exit_code, seconds=ended.seconds, killed=ended.killed)

    def kill(self, service: str) -> None:
        """Kill it; returns when it has ended."""
        self._acting_on(service).end()

    def start(self, service: str) -> None:
        """Start it. Raises `Mismatch` where it ends at once, or its health check never passes."""
        container = self._acting_on(service)
        if service == self.project.environment.roles.database_name:
            self.project.start_database_again()
            return
        try:
            container.start_existing()
        except CannotStart as error:
            msg = f"The service {shown(service)} cannot be started again: {error}"
            raise Mismatch(msg) from error
        if service not in self._apps:
            self._await(service, container)
        elif failure := self.project.environment.other_app(service).ready():
            msg = f"The app's {shown(service)} did not come back. {failure.rationale}"
            raise Mismatch(msg)

    def pause(self, service: str) -> None:
        """Freeze it. Raises `Mismatch` where it does not run."""
        self._frozen(service, self._acting_on(service), wanted=True)

    def unpause(self, service: str) -> None:
        """Let it go on. Raises `Mismatch` where it has ended."""
        self._frozen(service, self._acting_on(service), wanted=False)

    def running(self, service: str) -> bool:
        """Return whether it runs."""
        container = self._container(service)
        state = container.state()
        return state.running and not state.waiting

    def logs(self, service: str) -> str:
        """Return the last lines that it printed."""
        return self._container(service).logs()[-LOG_CHARACTERS:]

    def environment(self, service: str) -> dict[str, str]:
        """Return the variables of its container, with those of its image."""
        with translated():
            found = self.context.resources.engine.client.api.inspect_container(
                self._container(service).id
            )
        listed = (found.get("Config") or {}).get("Env") or []
        return dict(one.split("=", 1) for one in listed if "=" in one)

    # -- containers -------------------------------------------------------------------------

    def _container(self, service: str) -> ComposedContainer:
        """Return its container as it is now. Raises `Mismatch` where it has none."""
        environment = self.project.environment
        found = ComposedContainer(self.context.resources.engine, environment.compose, service)
        found.find()
        if not found.id:
            msg = f"The service {clip(service, 60)!r} of the Compose file is not started."
            raise Mismatch(msg)
        return found

    @property
    def _apps(self) -> tuple[str, ...]:
        """The app's containers, where it has several."""
        return self.project.environment.roles.replicas.get(APP, ())

    def _acting_on(self, service: str) -> ComposedContainer:
        if service == self.project.environment.roles.app.name and service not in self._apps:
            raise PlatformError(OWN)
        return self._container(service)

    def _await(self, service: str, container: ComposedContainer) -> None:
        """Wait until it runs and is healthy, as far as it has a health check."""
        limit, cancel = self.context.challenge.limits.start, self.context.cancel
        first = state = container.state()

        def has_ended() -> bool:
            nonlocal state
            state = container.state()
            return not state.running or state.waiting or state.restarts > first.restarts

        def is_over() -> bool:
            return has_ended() or state.health == "healthy"

        if first.health:
            well = wait_until(is_over, within=limit, cancel=cancel) and state.health == "healthy"
        else:
            settled = _settled(container)
            wait_until(has_ended, within=SETTLE_SECONDS, cancel=cancel)
            wait_until(lambda: has_ended() or settled(), within=IDLE_SECONDS, cancel=cancel)
            well = not has_ended()
        if not well:
            raise Mismatch(_not_back(service, container, state, limit))

    def _frozen(self, service: str, container: ComposedContainer, *, wanted: bool) -> None:
        """Freeze it, or let it go on. Raises `Mismatch` where it has ended."""
        from docker.errors import APIError

        api = self.context.resources.engine.client.api
        with translated():
            try:
                (api.pause if wanted else api.unpause)(container.id)
            except APIError:
                state = api.inspect_container(container.id)["State"]
                if not state["Running"]:
                    code = state["ExitCode"]
                    msg = f"The service {shown(service)} has ended with exit code {code}."
                    raise Mismatch(msg) from None
                if state["Paused"] != wanted:
                    raise


def _not_back(
    service: str, container: ComposedContainer, state: ContainerState, limit: float
) -> str:
    if state.running and not state.waiting and state.health:
        said = f"its health check did not pass within {limit:g} s"
    elif state.running and not state.waiting:
        said = "it ended at once (its `restart` has started it once more)"
    else:
        said = f"it ended with exit code {state.exit_code}"
    logs = last_lines(container.logs(), LINES)
    tail = f" Its last lines: {logs}" if logs else ""
    return f"The service {shown(service)} was started again, and {said}.{tail}"


def _settled(container: Container) -> Callable[[], bool]:
    """Return what is true once all processes of `container` wait at two looks in a row."""
    looks = 0

    def is_settled() -> bool:
        nonlocal looks
        looks = looks + 1 if container.is_idle() else 0
        return looks > 1

    return is_settled
