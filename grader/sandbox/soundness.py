"""Whether the platform is as it should be, asked of the platform itself.

When something of a student's fails, this decides whose fault it is. Nothing here looks at what the
failure said: error messages quote commands, file names and output that a student has chosen.
"""

from __future__ import annotations

import logging
import os
import socket
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from grader.errors import DiskFull, EngineUnavailable, PlatformError
from grader.sandbox.engine import DEFAULT_HOST, Engine, translated
from grader.waiting import wait_until

log = logging.getLogger(__name__)

FULL_BYTES = 64 * 1024 * 1024
FULL_FILES = 1000
"""A disk with less space, or room for fewer files, is full."""
SETTLE_SECONDS = 5.0
"""How long the engine has to remove what a failed build has written."""
ANSWER = b"HTTP/1.1 200"
FILTER = quote('{"type": ["daemon"]}')
QUESTION = f"GET /events?filters={FILTER} HTTP/1.1\r\nHost: grader\r\n\r\n".encode()
"""Asks for what happens to the engine itself: the answer ends with the engine, and only then."""
CONTROL_MEMORY = 64 * 1024 * 1024


class Presence:
    """Whether an engine has been there all the time since this was made.

    A ping alone does not tell: an engine that crashed is often started again within a second.
    """

    def __init__(self, host: str) -> None:
        """`host` is the engine's URL; one that is reached by TLS or SSH is only pinged."""
        self._socket = _connected(host)
        self._seen = b""
        if self._socket is not None:  # a thread that outlives its run may be the last to ask for it
            weakref.finalize(self, self._socket.close)

    def unbroken(self) -> bool:
        """Return whether the engine goes on; True also where that cannot be seen."""
        if self._socket is None:
            return True
        try:
            while data := self._socket.recv(4096):
                self._seen = (self._seen + data)[: len(ANSWER)]
        except BlockingIOError:
            return True
        except OSError:
            pass  # it was reset
        return bool(self._seen) and not self._seen.startswith(ANSWER)  # it never took the question

    def close(self) -> None:
        """Look no longer."""
        if self._socket is not None:
            self._socket.close()


def _connected(host: str) -> socket.socket | None:
    address = urlsplit(host)
    if os.environ.get("DOCKER_TLS_VERIFY") or address.scheme not in {"unix", "tcp", "http"}:
        return None
    local = address.scheme == "unix"
    connection = socket.socket(socket.AF_UNIX if local else socket.AF_INET)
    try:
        connection.settimeout(2)
        place = (address.hostname or "localhost", address.port or 2375)
        connection.connect(address.path if local else place)
        connection.sendall(QUESTION)
    except OSError:
        connection.close()
        return None
    connection.setblocking(False)  # noqa: FBT003 - its only argument
    return connection


def free_space(root: Path) -> tuple[int, int]:
    """Free bytes, and how many files there is room for, on the file system of `root`.

    The latter is very large where the file system has no limit. Raises `OSError`.
    """
    found = os.statvfs(root)
    return found.f_bavail * found.f_frsize, found.f_favail if found.f_files else 1 << 62


@dataclass
class Platform:
    """The engine, its disk, and whether it starts containers of ours."""

    engine: Engine
    presence: Presence
    tools: Callable[[], str]
    """Gives the image that a container of ours is started from; it has `df`."""
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def watch(
        cls, engine: Engine, host: str | None, tools: Callable[[], str], labels: Mapping[str, str]
    ) -> Platform:
        """See from now on whether the engine at `host`, as for `Engine.connect`, stays there."""
        address = host or os.environ.get("DOCKER_HOST") or DEFAULT_HOST
        return cls(engine, Presence(address), tools, labels)

    def close(self) -> None:
        """Watch no longer."""
        self.presence.close()

    def require_engine(self) -> None:
        """Raise `EngineUnavailable` where the engine does not answer, or has ended meanwhile."""
        if not self.presence.unbroken() or not self.engine.ping():
            msg = "The Docker engine went away during the run; start it and grade again."
            raise EngineUnavailable(msg)

    def disk_is_full(self) -> bool:
        """Return whether the engine's disk is full, as far as that is seen from here at once."""
        try:
            return self._is_full(free_space(self.engine.data_root)) if self._is_here() else False
        except (OSError, PlatformError):
            return False

    def require_space(self) -> None:
        """Raise `DiskFull` where the engine's disk is full, and stays so once it has tidied up."""
        if not wait_until(lambda: not self.disk_is_full(), within=SETTLE_SECONDS):
            raise self._disk_full()
        if not self._is_here() and self._is_full(self._asked_space()):
            raise self._disk_full()

    def require_sound(self, network: str = "", images: Iterable[str] = ()) -> None:
        """Raise `PlatformError` unless the platform does its part.

        The engine has been there all the time, its disk has space, `images` are there, and a
        container of ours starts on `network`, where one of a student's did not.
        """
        self.require_engine()
        self.require_space()
        with translated():
            for image in images:
                self.engine.client.api.inspect_image(image)  # type: ignore[no-untyped-call]
        self._run(["true"], network)

    def _is_here(self) -> bool:
        """Return whether the engine's disk is this machine's."""
        return self.engine.is_local and self.engine.data_root.exists()

    @staticmethod
    def _is_full(free: tuple[int, int]) -> bool:
        return free[0] < FULL_BYTES or free[1] < FULL_FILES

    def _asked_space(self) -> tuple[int, int]:
        """Free space as a container of ours sees it, whose files lie on the engine's disk."""
        rows = self._run(["df", "-kP", "/"]).decode("ascii", "replace").splitlines()
        inodes = self._run(["df", "-iP", "/"]).decode("ascii", "replace").splitlines()
        try:
            files = inodes[-1].split()
            return int(rows[-1].split()[3]) * 1024, int(files[3]) if files[1] != "0" else 1 << 62
        except (IndexError, ValueError):
            return 1 << 62, 1 << 62  # a `df` of another make; what it starts, it has space for

    def _run(self, command: list[str], network: str = "") -> bytes:
        from docker.errors import ContainerError

        try:
            with translated():
                return bytes(
                    self.engine.client.containers.run(
                        self.tools(), command, network=network or None, labels=dict(self.labels),
                        network_disabled=not network, remove=True, cap_drop=["ALL"],
                        mem_limit=CONTROL_MEMORY, pids_limit=16,
                        security_opt=["no-new-privileges"],
                    )
                )  # fmt: skip
        except PlatformError as error:
            if isinstance(error.__cause__, ContainerError):
                msg = f"The engine started a container of the grader's, and it failed: {error}"
                raise PlatformError(msg) from error
            raise

    @staticmethod
    def _disk_full() -> DiskFull:
        msg = "The engine's disk is full; free some space (`grader clean`) and grade again."
        return DiskFull(msg)
