"""A student's app in a hardened container: started, watched, restarted, made again, killed."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from grader.app_spec import Limits
from grader.errors import GraderError
from grader.sandbox.engine import Engine, translated
from grader.sandbox.hardening import hardened
from grader.sandbox.mounts import FileMount
from grader.sandbox.volumes import VolumeMount, too_much_for
from grader.sandbox.written_files import written_files
from grader.text import clean, clip
from grader.waiting import wait_until

ALIAS = "app"
"""The app's name on its network."""
PROJECT_ALIAS = "grader-app"
"""That of an app that a Compose file starts, whatever its service is called there."""
PROBE = "app-probe"
"""That of one more app that is started alongside it for a trial."""
STOP_SECONDS = 2
"""How long an app has to end on SIGTERM before it is killed."""
END_SECONDS = 30
"""How long the engine may take to end a container that it has killed."""
GONE_SECONDS = 2.0
"""How long the engine may take to know that a container's last process has ended."""
END_POLL = 0.02
"""Seconds between two looks at whether an app that was told to end has ended."""
LOG_LINES = 400
UNCOPIED = "failed to copy files"
"""What the engine says where the image's content of a volume's folder cannot be copied there."""
COMMAND = 4000
"""Characters of one command line; the system allows two million, of each process."""
REFUSAL = 2000
"""Characters of what the engine says of a container that it does not start."""
PROBE_CHARACTERS = 600
"""How much of what a run of a health check printed is kept: its end, where the error is."""


class CannotStart(GraderError):
    """The image's own command cannot be run: the student's fault, told by the engine."""


@dataclass(frozen=True, kw_only=True)
class ContainerState:
    """What the engine says of a container."""

    running: bool
    """Also while it waits to be started again after a crash."""
    exit_code: int
    oom_killed: bool
    waiting: bool = False
    """Whether it waits to be started again."""
    restarts: int = 0
    """How often the engine has started it again by itself."""
    health: str = ""
    """`starting`, `healthy`, `unhealthy`; empty where it has no health check."""
    probes: tuple[str, ...] = ()
    """What the last failing runs of its health check printed, oldest first."""
    pid: int = 0
    """Its first process on the engine's machine; 0 where it does not run."""


@dataclass(frozen=True, kw_only=True)
class Termination:
    """How a container ended that was told to."""

    exit_code: int
    seconds: float
    """From the signal to its end."""
    killed: bool
    """Whether it did not end in time."""


@dataclass(frozen=True, kw_only=True)
class ContainerSpec:
    """What an app container is made from."""

    image: str
    network: str
    env: Mapping[str, str]
    limits: Limits
    labels: Mapping[str, str]
    alias: str = ALIAS
    """Its name on its network."""
    volumes: tuple[VolumeMount, ...] = ()
    files: tuple[FileMount, ...] = ()


class Container:
    """A container to look at and to act on; `id` is empty before it is made."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._api = engine.client.api
        self.id = ""
        self.addresses = frozenset[str]()
        """Every IP address that it was seen with."""

    def end(self) -> None:
        """SIGKILL; returns when it has ended."""
        from docker.errors import APIError

        with translated():
            try:
                self._api.kill(self.id)
            except APIError as error:
                if error.status_code != 409:  # it has ended by itself already
                    raise
            self._api.wait(self.id, timeout=END_SECONDS)

    def terminate(self, within: float) -> Termination:
        """Send what `docker stop` does, and SIGKILL after `within` seconds; return how it ended."""
        from docker.errors import APIError

        began = time.monotonic()
        with translated():
            found = self._api.inspect_container(self.id)
            signal = (found.get("Config") or {}).get("StopSignal") or "SIGTERM"
            try:
                self._api.kill(self.id, signal)
            except APIError as error:
                if error.status_code != 409:  # it has ended by itself already
                    raise
        ended = wait_until(lambda: not self.state().running, within=within, poll=END_POLL)
        seconds = time.monotonic() - began
        if not ended:
            self.end()
        return Termination(exit_code=self.state().exit_code, seconds=seconds, killed=not ended)

    def remove(self) -> None:
        """Remove the container, its anonymous volumes included."""
        if self.id:
            with translated():
                self._api.remove_container(self.id, force=True, v=True)
            self.id = ""

    def state(self) -> ContainerState:
        """Return whether it runs, and how it ended if not; one that is not there does not run."""
        if not self.id:
            return ContainerState(running=False, exit_code=0, oom_killed=False)
        with translated():
            found = self._api.inspect_container(self.id)
        networks = (found.get("NetworkSettings") or {}).get("Networks") or {}
        seen = {one.get("IPAddress") for one in networks.values()} - {"", None}
        self.addresses |= seen
        state = found["State"]
        health = state.get("Health") or {}
        return ContainerState(
            running=state["Running"],
            pid=int(state.get("Pid") or 0),
            exit_code=state["ExitCode"],
            oom_killed=state["OOMKilled"],
            waiting=state.get("Restarting", False),
            restarts=found.get("RestartCount", 0),
            health=health.get("Status", "").replace("none", ""),
            probes=tuple(
                clean(str(probe.get("Output", ""))).strip()[-PROBE_CHARACTERS:]
                for probe in health.get("Log") or ()
                if probe.get("ExitCode")
            ),
        )

    def logs(self, lines: int = LOG_LINES) -> str:
        """Return the last `lines` lines that it printed, cleaned of control characters."""
        return clean(self.raw_logs(lines).decode("utf-8", "replace"))

    def logs_between(self, since: float, until: float) -> str:
        """Return what it printed between two moments, in seconds since 1970.

        Cleaned, its end alone.
        """
        if not self.id:
            return ""
        with translated():
            raw = bytes(self._api.logs(self.id, since=since, until=until, tail=LOG_LINES))
        return clean(raw.decode("utf-8", "replace"))

    def raw_logs(self, lines: int) -> bytes:
        """Return the last `lines` lines as it printed them, to be searched."""
        if not self.id:
            return b""
        with translated():
            return bytes(self._api.logs(self.id, tail=lines))

    def written_files(self) -> Iterator[tuple[str, bytes]]:
        """Return the files that it has made or changed, with their first bytes.

        A few hundred at most.
        """
        return written_files(self._engine, self.id) if self.id else iter(())

    def user_ids(self) -> set[int]:
        """Return the numeric users that its processes run as; empty where it does not run."""
        return {int(row[0]) for row in self._processes("uid,pid,comm")}

    def commands(self) -> tuple[str, ...]:
        """Return the command line of each of its processes; empty where it does not run."""
        return tuple(clip(clean(row[-1]), COMMAND) for row in self._processes("pid,args"))

    def is_idle(self) -> bool:
        """Return whether all its processes wait for something; also where it does not run."""
        return not any(row[-1][:1] in "RD" for row in self._processes("pid,stat"))

    def _processes(self, columns: str) -> list[list[str]]:
        """`columns` of `ps` for each process; the engine wants the pid among them."""
        from docker.errors import APIError

        before = self.state()
        if not before.running:
            return []
        with translated():
            try:
                return self._api.top(self.id, ps_args=f"-eo {columns}")["Processes"] or []
            except APIError as error:
                # 409: it has ended meanwhile, or waits to be restarted. The engine says so in other
                # ways, too, while it does not know yet that its last process is gone
                if error.status_code != 409 and not self._changes(before):
                    raise
                return []

    def _changes(self, before: ContainerState) -> bool:
        """Return whether its first process ends within a moment, or has since `before`."""
        return wait_until(lambda: self.state().pid != before.pid, within=GONE_SECONDS)


class Startable(Container, ABC):
    """A container that can be made: the app's, in whichever way it is."""

    def __init__(self, engine: Engine, confirm: Callable[[], None]) -> None:
        """`confirm` raises `PlatformError` where the platform is what keeps it from starting."""
        super().__init__(engine)
        self._confirm = confirm

    @abstractmethod
    def start(self) -> None:
        """Make the container and start it. Raises `CannotStart` or `PlatformError`."""

    def find(self) -> None:
        """Take for its own what something else has made in its place; nothing does as a rule."""

    def start_existing(self) -> None:
        """Start a container that has ended. Raises as `start` does."""
        with self._asked():
            self._api.start(self.id)

    def restart(self) -> None:
        """SIGTERM, SIGKILL if that does not end it in time, and start the same container."""
        if self.id:
            with translated():
                self._api.stop(self.id, timeout=STOP_SECONDS)
        self._start_again()

    def kill(self) -> None:
        """SIGKILL and start the same container."""
        if self.id:
            self.end()
        self._start_again()

    def _start_again(self) -> None:
        """Start what is there, or make it: a start that was refused may have left nothing."""
        if self.id:
            self.start_existing()
        else:
            self.start()

    def recreate(self) -> None:
        """Remove the container with all that it wrote and start a new one of the same image."""
        self.remove()
        self.start()

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Whatever the engine refuses within is the image's fault, once the platform is sound.

        The refusal quotes the image's command, user and folders, and so says nothing by itself.
        """
        from docker.errors import APIError

        refusal: APIError | None = None
        with translated():
            try:
                yield
            except APIError as error:
                refusal = error
        if refusal is not None:
            self._confirm()
            raise CannotStart(clip(clean(str(refusal.explanation)), REFUSAL)) from refusal


class AppContainer(Startable):
    """The app's container, made from a recipe."""

    def __init__(self, engine: Engine, recipe: ContainerSpec, confirm: Callable[[], None]) -> None:
        super().__init__(engine, confirm)
        self.recipe = recipe

    def start(self) -> None:
        """Make the container and start it. Raises `CannotStart` or `PlatformError`."""
        try:
            self._create()
        except CannotStart as error:
            if self.recipe.volumes and UNCOPIED in str(error):
                raise CannotStart(too_much_for(self.recipe.volumes)) from error
            raise
        self.start_existing()

    def _create(self) -> None:
        from docker.types import Healthcheck

        recipe = self.recipe
        mounts: tuple[VolumeMount | FileMount, ...] = (*recipe.volumes, *recipe.files)
        with self._asked():
            endpoint = self._api.create_endpoint_config(aliases=[recipe.alias])
            self.id = self._api.create_container(
                recipe.image,
                environment=dict(recipe.env),
                labels=dict(recipe.labels),
                hostname=recipe.alias,
                # an image's own check (every millisecond, perhaps) says nothing that is asked
                healthcheck=Healthcheck(test=["NONE"]),
                host_config=hardened(self._api, recipe.network, recipe.limits, mounts=mounts),
                networking_config=self._api.create_networking_config(
                    {recipe.network: endpoint}  # type: ignore[arg-type]  # the stubs take a bare endpoint for the mapping
                ),
            )["Id"]
