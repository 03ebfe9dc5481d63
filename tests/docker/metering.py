"""What grading one submission may take of the machine, and what it took.

`test_hostile.py` and `benchmarks.batch.hostile` hold runs to the same bounds.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

SECONDS = 120.0
DISK = 1 << 30
MEMORY = 1 << 31
"""Bytes by which the machine's free disk and memory may fall while one submission is graded."""
EVERY = 0.1
"""Seconds between two looks."""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What went by while one submission was graded."""

    seconds: float
    disk: int
    memory: int
    """Bytes by which they fell."""

    def above(self, *, together: int, seconds: float = SECONDS) -> list[str]:
        """What is beyond its bound, in words, where `together` are graded at a time."""
        found = []
        if self.seconds >= seconds:
            found.append(f"{self.seconds:.0f} s of {seconds:.0f} s")
        if self.disk >= together * DISK:
            found.append(f"{self.disk >> 20} MiB of disk of {together * DISK >> 20}")
        if self.memory >= together * MEMORY:
            found.append(f"{self.memory >> 20} MiB of memory of {together * MEMORY >> 20}")
        return found


class Meter(threading.Thread):
    """The lowest free disk and memory that it has seen."""

    def __init__(self, folder: Path) -> None:
        """`folder` is on the disk that is looked at."""
        super().__init__(daemon=True)
        self._folder = folder
        self._over = threading.Event()
        self._began = time.monotonic()
        self._first = self._now()
        self.disk, self.memory = self._first

    def _now(self) -> tuple[int, int]:
        found = os.statvfs(self._folder)
        return found.f_bavail * found.f_frsize, psutil.virtual_memory().available

    def run(self) -> None:
        while not self._over.wait(EVERY):
            disk, memory = self._now()
            self.disk, self.memory = min(self.disk, disk), min(self.memory, memory)

    def end(self) -> Spent:
        """Stop measuring; what was spent since it was made."""
        seconds = time.monotonic() - self._began
        self._over.set()
        self.join()
        disk, memory = self._first
        return Spent(seconds=seconds, disk=disk - self.disk, memory=memory - self.memory)
