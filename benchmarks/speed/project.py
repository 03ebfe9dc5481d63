"""What a suite may ask of a Compose project, done by the docker command."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.app import LINES, ProbeBeside, Unwatched
from benchmarks.speed.tools import docker, printed, terminate, wait_until
from grader.exam.operations import RequestLog, TerminatedApp
from grader.sandbox.engine import Engine
from grader.services.mysql.access import MySqlAccess
from grader.services.mysql.server import MySqlServer

FIRST = "{{range $name, $one := .NetworkSettings.Networks}}{{$name}} {{end}}{{.Image}}"
"""The networks of a container and its image."""
STATE = "{{.State.Running}}{{if .State.Health}} {{.State.Health.Status}}{{end}}"


@dataclass(frozen=True, kw_only=True)
class Project:
    """The docker compose command for one project."""

    name: str
    folder: Path
    files: tuple[str, ...]

    def compose(self, *command: str) -> str:
        """Return what a command of docker compose prints."""
        files = [word for one in self.files for word in ("-f", one)]
        return docker("compose", "-p", self.name, *files, *command, cwd=self.folder)

    def container(self, service: str) -> str:
        """Return the id of the container of a service, whether it runs or not."""
        return self.compose("ps", "-a", "-q", service)

    def environment(self, service: str) -> dict[str, str]:
        """Return what the container of a service was given."""
        found = json.loads(docker("inspect", "-f", "{{json .Config.Env}}", self.container(service)))
        return dict(one.split("=", 1) for one in found)

    def networks(self) -> list[str]:
        """Return the names of its networks, as the engine has them."""
        label = f"label=com.docker.compose.project={self.name}"
        return docker("network", "ls", "--filter", label, "--format", "{{.Name}}").split()


@dataclass(frozen=True, kw_only=True)
class ProjectApp(Unwatched):
    """`AppOperations` on the service that is the app; the others stay as they are."""

    project: Project
    service: str
    ready: Callable[[], None]
    """Waits until the app answers."""

    def restart(self) -> None:
        """Restart the container and wait for the app."""
        self.project.compose("restart", self.service)
        self.ready()

    def recreate(self) -> None:
        """Replace the container by a new one and wait for the app."""
        self._start("--force-recreate")

    def kill(self) -> None:
        """Kill the container, start it and wait for the app."""
        self.project.compose("kill", self.service)
        self._start()

    def terminate(self, *, within: float) -> TerminatedApp:
        """Stop the container, look how it ended, start it and wait for the app."""
        ended = terminate(self.project.container(self.service), within)
        self._start()
        return ended

    def logs(self) -> str:
        """Return what it printed."""
        return printed(self.project.container(self.service))

    def printed(self, since: float, until: float) -> RequestLog:
        """Return the last lines of what it printed in that time."""
        container, between = self.project.container(self.service), (since, until)
        options = [f"--{at}={one:.3f}" for at, one in zip(("since", "until"), between, strict=True)]
        return RequestLog(lines=printed(container, *options, "--tail", LINES), raised="")

    def _start(self, *options: str) -> None:
        self.project.compose("up", "-d", "--no-deps", *options, self.service)
        self.ready()


@dataclass(frozen=True, kw_only=True)
class WholeProject:
    """`ComposeOperations`."""

    project: Project
    down: Callable[[], None]
    up: Callable[[], None]
    """Brings the project up and waits for the app."""

    def down_up(self) -> None:
        """Run `down` without `-v`, then `up`, and wait for the app."""
        self.down()
        self.up()

    def kill(self) -> None:
        """Kill every container, start all and wait for the app."""
        self.project.compose("kill")
        self.up()


@dataclass(frozen=True, kw_only=True)
class ProjectServices:
    """`ComposedOperations`: one service of the project at a time."""

    project: Project

    def stop(self, service: str, *, within: float) -> TerminatedApp:
        """Stop it, and return how it ended."""
        return terminate(self.project.container(service), within)

    def kill(self, service: str) -> None:
        """Kill its container."""
        docker("kill", self.project.container(service))

    def start(self, service: str) -> None:
        """Start its container, and look once a second whether it runs and is healthy."""
        container = self.project.container(service)
        docker("start", container)
        wait_until(lambda: docker("inspect", "-f", STATE, container) in {"true", "true healthy"})

    def pause(self, service: str) -> None:
        """Freeze its processes."""
        docker("pause", self.project.container(service))

    def unpause(self, service: str) -> None:
        """Let them go on."""
        docker("unpause", self.project.container(service))

    def running(self, service: str) -> bool:
        """Return whether its processes run."""
        state = docker("inspect", "-f", "{{.State.Running}}", self.project.container(service))
        return state == "true"

    def logs(self, service: str) -> str:
        """Return what it printed."""
        return printed(self.project.container(service))

    def environment(self, service: str) -> dict[str, str]:
        """Return the variables of its container."""
        return self.project.environment(service)


@dataclass(kw_only=True)
class ProjectProbe(ProbeBeside):
    """Apps alongside one that is a service of the project."""

    project: Project
    service: str
    inside: int
    """The port that the app listens on in its container."""

    def environment(self) -> Mapping[str, str]:
        """Return the variables of the app under examination."""
        return self.project.environment(self.service)

    def run(self, env: Mapping[str, str], port: int) -> None:
        """Run one of the same image on one of its networks, with other variables."""
        network, image = docker(
            "inspect", "-f", FIRST, self.project.container(self.service)
        ).split()[-2:]  # fmt: skip
        variables = [f"--env={key}={value}" for key, value in env.items()]
        where = f"127.0.0.1:{port}:{self.inside}"
        docker(
            "run", "-d", "--name", self.name, "--network", network, "-p", where, *variables, image
        )


class ProjectMySql(MySqlServer):
    """The MySQL of a project, which the suite looks into as its root."""

    own = True

    def __init__(self, engine: Engine, project: Project, service: str) -> None:
        found = project.environment(service)
        access = MySqlAccess(
            database=found["MYSQL_DATABASE"], user="", password="",
            root_password=found["MYSQL_ROOT_PASSWORD"],
        )  # fmt: skip
        MySqlServer.__init__(self, engine, access)
        self._project, self._service = project, service

    @property
    def id(self) -> str:
        """The container's id, which changes with each `down` and `up`."""
        return self._project.container(self._service)
