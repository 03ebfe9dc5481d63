"""What a suite may ask of the app and of its image, done by the docker command.

Whatever the naive way does not look at is answered as if there were nothing to see.
"""

from __future__ import annotations

import secrets
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.speed.tools import (
    answers,
    docker,
    free_port,
    printed,
    terminate,
    wait_until,
    watch_alone,
)
from grader.app_spec import Readiness
from grader.commands import CommandCall, CommandResult
from grader.exam.leaks import Leak
from grader.exam.operations import (
    CommitLog,
    EndedProbe,
    RefusedLogin,
    RequestLog,
    StartedProbe,
    TerminatedApp,
)
from grader.sandbox.command import CommandContainer, CommandSpec
from grader.sandbox.engine import Engine
from grader.sandbox.volumes import VolumeMount

LINES = "40"
"""How many of its last lines are shown of an app that failed over a request."""


class NoHistory:
    """`SubmissionOperations` without any: the naive way reads no commits."""

    def log(self) -> CommitLog:
        """Return none."""
        return CommitLog(commits=(), unread="")


class Unwatched:
    """What `AppOperations` has and the naive way does not look at."""

    def revive(self, *, hung: bool) -> None:
        """Leave an app that has crashed as it is."""

    def owed(self) -> float:
        """Give no request more time."""
        return 0.0

    def commands(self) -> list[str]:
        """Return no processes."""
        return []

    def keep_tail(self) -> None:
        """Keep nothing: there is no report."""

    def leaks(self) -> list[Leak]:
        """Find no secrets."""
        return []


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What containers of the submission's image are run with."""

    image: str
    network: str
    inside: int
    """The port that the app listens on there."""
    env: Mapping[str, str]
    volumes: tuple[VolumeMount, ...] = ()

    def run(self, name: str, port: int) -> None:
        """Run a container called `name` that is reached on a `port` of this machine."""
        variables = [f"--env={key}={value}" for key, value in self.env.items()]
        mounts = [
            f"--mount=type=volume,source={one.name},target={one.spec.path}"
            + (",readonly" if one.read_only else "")
            for one in self.volumes
        ]
        where = f"127.0.0.1:{port}:{self.inside}"
        docker(
            "run", "-d", "--name", name, "--network", self.network, "-p", where, *mounts,
            *variables, self.image,
        )  # fmt: skip


@dataclass(kw_only=True)
class NaiveApp(Unwatched):
    """`AppOperations` on one container."""

    name: str
    ready: Readiness
    recipe: Recipe
    port: int = field(default_factory=free_port)
    """A fixed one, as another is published when a container is started again."""

    def start(self) -> None:
        """Run it, and look once a second whether it answers."""
        self.recipe.run(self.name, self.port)
        self._await_answer()

    def restart(self) -> None:
        """Restart the container and wait for the app."""
        self._do("restart")

    def recreate(self) -> None:
        """Stop and remove the container, and run another one in its place."""
        docker("stop", self.name)
        docker("rm", "-v", self.name)
        self.start()

    def recreate_with(self, change: str) -> None:
        """Do the same once `recipe` has changed; `change` says in what."""
        del change
        self.recreate()

    def kill(self) -> None:
        """Kill the container, start it and wait for the app."""
        self._do("kill", "start")

    def terminate(self, *, within: float) -> TerminatedApp:
        """Stop the container, look how it ended, start it and wait for the app."""
        ended = terminate(self.name, within)
        self._do("start")
        return ended

    def logs(self) -> str:
        """Return what it printed."""
        return printed(self.name)

    def printed(self, since: float, until: float) -> RequestLog:
        """Return the last lines of what it printed in that time."""
        lines = printed(self.name, f"--since={since:.3f}", f"--until={until:.3f}", "--tail", LINES)
        return RequestLog(lines=lines, raised="")

    def _do(self, *commands: str) -> None:
        for command in commands:
            docker(command, self.name)
        self._await_answer()

    def _await_answer(self) -> None:
        wait_until(lambda: answers(self.port, self.ready))


@dataclass(kw_only=True)
class ProbeBeside(ABC):
    """`ProbeOperations`: each app that is asked for is started, watched, and removed."""

    name: str
    ready: Readiness
    _started: bool = False

    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """Return the variables of the app under examination."""

    @abstractmethod
    def run(self, env: Mapping[str, str], port: int) -> None:
        """Run a container called `name` with other variables, on a `port` of this machine."""

    def clear(self) -> None:  # noqa: B027 - most make nothing else
        """Remove what `run` has made besides the container."""

    def start(self, names: list[str], *, changed: bool = False) -> StartedProbe:
        """Start one without the secrets `names`, or with others in their place."""
        env = self.environment()
        if not env.keys() & set(names):
            return StartedProbe(asked=False, started=True)
        other = {name: secrets.token_urlsafe(32) for name in names} if changed else {}
        port, self._started = free_port(), True
        self.run({name: value for name, value in env.items() if name not in names} | other, port)
        return watch_alone(self.name, port, self.ready)

    def end(self) -> EndedProbe:
        """Remove it."""
        if self._started:
            docker("rm", "-f", "-v", self.name)
            self.clear()
        self._started = False
        return EndedProbe(guessed=False)

    def ended(self, secret: str) -> EndedProbe | None:
        """Return none: nothing goes on alongside the suite."""
        del secret
        return None

    def refused_logins(self) -> list[RefusedLogin]:
        """Return none: the naive way reads no log of a service's."""
        return []


@dataclass(kw_only=True)
class NaiveProbe(ProbeBeside):
    """Apps alongside one that is a container of the submission's image."""

    recipe: Recipe
    new_volumes: Callable[[], tuple[VolumeMount, ...]] = tuple
    """Makes volumes of its own."""
    _volumes: tuple[VolumeMount, ...] = ()

    def environment(self) -> Mapping[str, str]:
        """Return the variables of the app under examination."""
        return self.recipe.env

    def run(self, env: Mapping[str, str], port: int) -> None:
        """Run one with other variables and volumes of its own."""
        self._volumes, recipe = self.new_volumes(), self.recipe
        Recipe(
            image=recipe.image, network=recipe.network, inside=recipe.inside, env=env,
            volumes=self._volumes,
        ).run(self.name, port)  # fmt: skip

    def clear(self) -> None:
        """Remove its volumes."""
        for one in self._volumes:
            docker("volume", "rm", "-f", one.name)


@dataclass(frozen=True, kw_only=True)
class NaiveCommands:
    """`CommandOperations`: one command after the other, each container removed before the next.

    The grader's own class holds the conversation in a terminal, which no docker command does.
    """

    engine: Engine
    spec: CommandSpec

    def run(self, calls: list[CommandCall]) -> list[CommandResult]:
        """Run each in a container of its own."""
        return [self._run(call) for call in calls]

    def _run(self, call: CommandCall) -> CommandResult:
        container = CommandContainer(self.engine, self.spec, call, lambda: None, threading.Event())
        try:
            container.start()
            return container.run()
        finally:
            container.remove()
