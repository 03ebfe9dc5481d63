"""A project of our own, brought up with the real `docker compose`.

The file that it reads is one that the grader wrote, in a folder that holds nothing else. Neither
the student's file nor a `.env` nor the host's environment comes near it.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from grader import process
from grader.errors import EngineUnavailable, PlatformError
from grader.sandbox.build import ENGINE_GONE, PASSED_ON
from grader.sandbox.container import CannotStart, Startable, commands_fault
from grader.sandbox.engine import Engine, translated
from grader.sandbox.labels import PROJECT
from grader.sandbox.plugins import plugin
from grader.sandbox.reaper import remove_project
from grader.text import clean, last_lines

UP_SECONDS = 120.0
"""How long one call may take; what is waited for within it has shorter limits of its own."""
SERVICE = "com.docker.compose.service"


class Compose:
    """One project: `docker compose` with our file, our name and next to no environment."""

    def __init__(
        self, engine: Engine, name: str, document: Mapping[str, Any], folder: Path,
        cancel: threading.Event,
    ) -> None:  # fmt: skip
        """`document` is written to `folder`, which is made for it and holds nothing else."""
        self._engine = engine
        self._api = engine.client.api
        self._cancel = cancel
        self.name = name
        folder.mkdir(parents=True, mode=0o700)
        self._file = folder / "compose.yml"
        self.write(document)

    def write(self, document: Mapping[str, Any]) -> None:
        """Put `document` in the place of the file; the next call acts on it."""
        text = yaml.safe_dump(_escaped(dict(document)), sort_keys=False, allow_unicode=True)
        self._file.write_text(text, "utf-8")

    def up(
        self,
        services: Sequence[str] = (),
        *,
        dependencies: bool = True,
        cancel: threading.Event | None = None,
    ) -> None:
        """Create and start `services` (all where none is named) that do not run as the file says.

        It waits as long as `depends_on` asks for; `cancel` ends that.

        Raises `CannotStart` where an image's command cannot be run or a dependency did not come to
        what was asked of it, `PlatformError`, `Cancelled`.
        """
        alone = [] if dependencies else ["--no-deps"]
        options = ["--detach", "--no-build", "--pull=never", "--quiet-pull"]
        self._run("up", *options, *alone, *services, cancel=cancel)

    def down(self) -> None:
        """Remove the containers; volumes, networks and gateway stay."""
        self._run("down", "--timeout=0")

    def remove(self) -> None:
        """Remove containers and volumes; what cannot be removed is left to the run's end."""
        remove_project(self._engine, self.name)

    def kill(self) -> None:
        """SIGKILL to every container."""
        self._run("kill")

    def container(self, service: str) -> str:
        """The id of a service's container; empty where it has none."""
        wanted = [f"{PROJECT}={self.name}", f"{SERVICE}={service}"]
        with translated():
            rows = self._api.containers(all=True, filters={"label": wanted})
        return str(rows[0]["Id"]) if rows else ""

    def _run(self, command: str, *arguments: str, cancel: threading.Event | None = None) -> None:
        args = [*plugin("compose"), "--ansi=never", "--progress=plain", "--env-file=/dev/null",
                f"--project-name={self.name}", f"--project-directory={self._file.parent}",
                f"--file={self._file}", command, *arguments]  # fmt: skip
        done = process.run(
            args, deadline=UP_SECONDS, cancel=cancel or self._cancel, env=_environment(),
            cwd=self._file.parent, check=False,
        )  # fmt: skip
        if done.timed_out:
            msg = f"`docker compose {command}` did not end within {UP_SECONDS:.0f} s."
            raise CannotStart(msg)
        if done.returncode:
            raise _failure(command, clean(done.tail))


class ComposedContainer(Startable):
    """The container of one service of a project."""

    def __init__(self, engine: Engine, compose: Compose, service: str) -> None:
        super().__init__(engine)
        self._compose = compose
        self.service = service

    def start(self) -> None:
        """Have compose make and start it. Raises `CannotStart` or `PlatformError`."""
        try:
            self._compose.up([self.service], dependencies=False)
        finally:
            self.id = self._compose.container(self.service)

    def find(self) -> None:
        """Take for its own the container that compose has made for the service."""
        self.id = self._compose.container(self.service)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {"DOCKER_CLI_HINTS": "false", "COMPOSE_MENU": "false", "LC_ALL": "C.UTF-8"}


def _escaped(value: Any) -> Any:
    """`value` with every `$` doubled, so that compose finds no variable in it."""
    match value:
        case str():
            return value.replace("$", "$$")
        case dict():
            return {key: _escaped(item) for key, item in value.items()}
        case list() | tuple():
            return [_escaped(item) for item in value]
        case _:
            return value


def _failure(command: str, said: str) -> Exception:
    """What a call that ended badly means: the engine's end, the student's command, or our fault."""
    own = "\n".join(line for line in said.split("\n") if "rror" in line or "depend" in line) or said
    if ENGINE_GONE.search(said) or "Is the docker daemon running" in said:
        msg = "The Docker engine went away while the project was brought up; start it and retry."
        return EngineUnavailable(msg)
    if commands_fault(said) or DEPENDENCY.search(said):
        return CannotStart(last_lines(own, 3))
    return PlatformError(f"`docker compose {command}` failed: {last_lines(own, 3)}")


DEPENDENCY = re.compile(
    r"dependency failed to start|didn't complete successfully|is unhealthy|exited \(\d+\)|"
    r"not a directory|are you trying to mount a directory onto a file|mount path must be absolute|"
    r"path must be absolute|invalid mount|invalid (?:hostname|signal|user)|no such user|"
    r"unable to find (?:user|group)|[Dd]uplicate mount point|bind source path does not exist"
)
"""What the engine or compose says of a project that asks for something that cannot be."""
