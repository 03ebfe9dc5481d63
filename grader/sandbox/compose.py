"""A project of our own, brought up with the real `docker compose`.

The file that it reads is one that the grader wrote, in a folder that holds nothing else. Neither
the student's file nor a `.env` nor the host's environment comes near it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from grader import process
from grader.errors import PlatformError
from grader.sandbox.build import PASSED_ON
from grader.sandbox.container import CannotStart, Startable
from grader.sandbox.docker_plugins import plugin
from grader.sandbox.engine import Engine, translated
from grader.sandbox.labels import PROJECT
from grader.sandbox.reaper import remove_project
from grader.text import clean, last_lines

UP_SECONDS = 120.0
"""How long one call may take; what is waited for within it has shorter limits of its own."""
Confirm = Callable[[str, Sequence[str]], None]
SERVICE = "com.docker.compose.service"


class Compose:
    """One project: `docker compose` with our file, our name and next to no environment."""

    def __init__(
        self, engine: Engine, name: str, document: Mapping[str, Any], folder: Path,
        cancel: threading.Event, *, confirm: Confirm,
    ) -> None:  # fmt: skip
        """`document` is written to `folder`, which is made for it and holds nothing else.

        `confirm` raises `PlatformError` where the platform is why something does not start on a
        network, or from the images, that it is given.
        """
        self._engine = engine
        self._confirm = confirm
        self._api = engine.client.api
        self._cancel = cancel
        self.name = name
        folder.mkdir(parents=True, mode=0o700)
        self._file = folder / "compose.yml"
        self.write(document)

    def write(self, document: Mapping[str, Any]) -> None:
        """Put `document` in the place of the file; the next call acts on it."""
        self._document = document
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

        Raises `CannotStart` where the project asks for what cannot be (a command that its image
        does not have, a dependency that never comes), `PlatformError`, `Cancelled`.
        """
        alone = [] if dependencies else ["--no-deps"]
        options = ["--detach", "--no-build", "--pull=never", "--quiet-pull"]
        done = self._call("up", *options, *alone, *services, cancel=cancel)
        if not done.returncode and not done.timed_out:
            return
        self.confirm()  # what is said quotes commands, paths and output of the project's
        if done.timed_out:
            msg = f"`docker compose up` did not end within {UP_SECONDS:.0f} s."
            raise CannotStart(msg)
        raise CannotStart(_own_words(clean(done.tail)))

    def down(self) -> None:
        """Remove the containers; volumes, networks and gateway stay. Raises `PlatformError`."""
        for last in (False, True):  # a container that just ends by itself may be in its way
            done = self._call("down", "--timeout=0")
            if not done.returncode and not done.timed_out:
                return
            self.confirm()
            if last:
                said = last_lines(done.tail, 3)
                msg = f"`docker compose down` failed: {said}"
                raise PlatformError(msg)

    def remove(self) -> None:
        """Remove containers and volumes; what cannot be removed is left to the run's end."""
        remove_project(self._engine, self.name)

    def kill(self) -> None:
        """SIGKILL to every container; returns once they have ended."""
        from docker.errors import APIError

        with translated():
            rows = self._api.containers(filters={"label": f"{PROJECT}={self.name}"})
            for row in rows:
                try:
                    self._api.kill(row["Id"])
                except APIError as error:
                    if error.status_code != 409:  # it has ended by itself already
                        raise
            for row in rows:
                self._api.wait(row["Id"])

    def confirm(self) -> None:
        """Raise `PlatformError` where the platform is why something of it does not start."""
        networks = [one["name"] for one in self._document["networks"].values()]
        images = {one["image"] for one in self._document["services"].values()}
        self._confirm(networks[0] if networks else "", sorted(images))

    def container(self, service: str) -> str:
        """Return the id of a service's container; empty where it has none."""
        wanted = [f"{PROJECT}={self.name}", f"{SERVICE}={service}"]
        with translated():
            rows = self._api.containers(all=True, filters={"label": wanted})
        return str(rows[0]["Id"]) if rows else ""

    def _call(
        self, command: str, *arguments: str, cancel: threading.Event | None = None
    ) -> process.Completed:
        args = [*plugin("compose"), "--ansi=never", "--progress=plain", "--env-file=/dev/null",
                f"--project-name={self.name}", f"--project-directory={self._file.parent}",
                f"--file={self._file}", command, *arguments]  # fmt: skip
        return process.run(
            args, deadline=UP_SECONDS, cancel=cancel or self._cancel, env=_environment(),
            cwd=self._file.parent, check=False,
        )  # fmt: skip


class ComposedContainer(Startable):
    """The container of one service of a project."""

    def __init__(self, engine: Engine, compose: Compose, service: str) -> None:
        super().__init__(engine, compose.confirm)
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


def _own_words(said: str) -> str:
    """Return the last lines of what compose said that tell of an error."""
    own = [line for line in said.split("\n") if "rror" in line or "depend" in line]
    return last_lines("\n".join(own) or said, 3)
