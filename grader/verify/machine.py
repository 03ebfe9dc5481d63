"""What a proof stands on beyond files: the engine, its plugins, and the images on the machine."""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path

from grader.errors import PlatformError
from grader.sandbox.docker_plugins import plugin
from grader.sandbox.engine import Engine, image_id
from grader.sandbox.images.acquire import on_this_machine
from grader.sandbox.images.registry import local
from grader.settings import Settings

FACTS = (
    "ServerVersion", "OSType", "Architecture", "KernelVersion", "CgroupVersion", "CgroupDriver",
    "Driver", "SecurityOptions",
)  # fmt: skip
"""What counts of what the engine says of itself."""
PLUGINS = ("buildx", "compose")


class Machine:
    """The engine that solutions are graded with. It is asked when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._connected: Engine | None = None

    @cached_property
    def facts(self) -> tuple[object, ...]:
        """What is the same for every run; raises `PlatformError` where no engine answers."""
        with self._lock:
            told = self._engine().facts
        engine = [told.get(name) for name in FACTS]
        plugins = [_identity(plugin(name)) for name in PLUGINS]
        chosen = [self._settings.docker_host, self._settings.phase_seconds]
        return (engine, plugins, chosen)

    def image(self, reference: str) -> str:
        """Return the id of the local image that stands for `reference`; empty where none does.

        Raises `PlatformError` where the engine does not answer. Nothing is pulled or made.
        """
        with self._lock:
            engine = self._engine()
            found = on_this_machine(engine, reference)
            if found is not None:
                return image_id(engine, found.image)
            return str((local(engine, reference) or {}).get("Id", ""))

    def close(self) -> None:
        """Close the connection, where there is one."""
        with self._lock:
            if self._connected:
                self._connected.close()
            self._connected = None

    def _engine(self) -> Engine:
        if self._connected is None:
            self._connected = Engine.connect(self._settings.docker_host)
        return self._connected


def _identity(command: tuple[str, ...]) -> list[object]:
    """Tell one version of a program from another, without running it."""
    try:
        found = Path(command[0]).stat()
    except OSError as error:
        if Path(command[0]).is_absolute():
            msg = f"{command[0]} cannot be looked at: {error.strerror}"
            raise PlatformError(msg) from error
        return list(command)
    return [*command, found.st_size, found.st_mtime_ns]
