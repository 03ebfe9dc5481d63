"""Watches what a run's containers write to disk: the engine's usual storage knows no quota.

Where the engine's folder is on this machine and can be read, its free space is asked four times a
second, and a fall of it has the run's own folders counted at once. They are counted every few
seconds anyway: what another run removes meanwhile hides a fall. Elsewhere the engine is asked for
the sizes, which takes it longer.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.app_spec import Limits
from grader.errors import PlatformError
from grader.sandbox.engine import Engine, translated
from grader.sandbox.labels import DATABASE, RUN
from grader.sandbox.volumes import PREFIX as BOUNDED

log = logging.getLogger(__name__)

PERIOD = 0.25
"""Seconds between two looks at the free space."""
SURE_PERIOD = 2.0
"""Seconds after which a run's folders are counted though the free space has not fallen."""
REMOTE_PERIOD = 2.0
"""Seconds between two questions to an engine whose disk cannot be seen."""
DATABASE_DISK = 512 * 1024 * 1024
"""Bytes that a MySQL server may hold beyond what an app may."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What lies in a folder."""

    size: int
    """Bytes."""
    files: int


class DiskGuard(threading.Thread):
    """Kills the containers of a run that write more than its limits allow."""

    def __init__(
        self, engine: Engine, run: str, limits: Limits, *, also: tuple[str, ...] = ()
    ) -> None:
        """`also` are the ids of containers that the run uses and that are not its own."""
        super().__init__(daemon=True, name="guard")
        self._api = engine.client.api
        self._run = run
        self._also = also
        self._limits = limits
        self._over = threading.Event()
        self.stopped: dict[str, str] = {}
        """Ids of the containers that were killed, to the sentence that says why."""
        root = engine.data_root
        self._root = root if os.access(root / "overlay2", os.R_OK | os.X_OK) else None

    def end(self) -> None:
        """Stop watching."""
        self._over.set()
        self.join(timeout=5)

    def run(self) -> None:
        """Watch until `end`."""
        free, looked = self._free(), time.monotonic()
        while not self._over.wait(PERIOD if self._root else REMOTE_PERIOD):
            now = self._free()
            fell = free[0] - now[0] > self._limits.disk // 4 or (
                free[1] - now[1] > self._limits.files // 4
            )
            if self._root and not fell and time.monotonic() - looked < SURE_PERIOD:
                free = (max(free[0], now[0]), max(free[1], now[1]))
                continue
            looked = time.monotonic()
            try:
                self._look()
            except PlatformError as error:
                log.debug("could not look at the disk: %s", error)

    def _free(self) -> tuple[int, int]:
        """Free bytes and inodes of the engine's disk."""
        if self._root is None:
            return 0, 0
        found = os.statvfs(self._root)
        return found.f_bavail * found.f_frsize, found.f_favail

    def _look(self) -> None:
        """Count what each container of the run holds, and kill those over the limit."""
        with translated():
            rows = self._api.containers(
                filters={"label": f"{RUN}={self._run}"}, size=not self._root
            )
            if self._also:
                others = {"id": list(self._also)}
                rows += self._api.containers(filters=others, size=not self._root)
        for row in rows:
            if reason := self._reason(row):  # one that was started again holds as much as before
                self._kill(row["Id"], reason)

    def _reason(self, row: Mapping[str, Any]) -> str:
        limits = self._limits
        if DATABASE in (row.get("Labels") or {}):
            limits = replace(limits, disk=limits.disk + DATABASE_DISK)
        if self._root is None:
            return self._judge(Usage(size=int(row.get("SizeRw") or 0), files=0), limits)
        with translated():
            made = self._api.inspect_container(row["Id"])
        layers = (made.get("GraphDriver") or {}).get("Data") or {}  # none while it is removed
        folders = [layers.get("UpperDir", "")]
        folders += [
            one["Source"]
            for one in made["Mounts"]
            if one["Type"] in {"volume", "bind"} and not one.get("Name", "").startswith(BOUNDED)
        ]
        size = files = 0
        for folder in dict.fromkeys(filter(None, folders)):
            found = usage(Path(folder), limits)
            size, files = size + found.size, files + found.files
            if reason := self._judge(Usage(size=size, files=files), limits):
                return reason
        return ""

    def _judge(self, used: Usage, limits: Limits) -> str:
        if used.size > limits.disk:
            return f"It wrote more than {limits.disk >> 20} MiB to its disk and was stopped."
        if used.files > limits.files:
            return f"It made more than {limits.files} files and was stopped."
        return ""

    def _kill(self, container: str, reason: str) -> None:
        log.debug("killing %s: %s", container[:12], reason)
        self.stopped[container] = reason
        with translated():
            self._api.kill(container)


def usage(folder: Path, limits: Limits) -> Usage:
    """Return what lies in `folder`; counting ends once either limit is passed."""
    size = files = 0
    for entry in _walk(folder):
        files += 1
        try:
            size += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue  # it went away meanwhile
        if size > limits.disk or files > limits.files:
            break
    return Usage(size=size, files=files)


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    yield entry
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue
