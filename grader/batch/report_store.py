"""The reports of a class on disk, one file for each submission, written whole or not at all.

There is no journal alongside them that could say something else: a report holds the digests of what
was graded, and that is what says whether it still counts.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.batch.entry import Entry
from grader.errors import DiskFull, UsageError

MAX_BYTES = 64 * 1024 * 1024
REPORTS = "reports"
STUDENTS = "students"
"""The folder of the pages that students are handed."""


@dataclass(frozen=True, kw_only=True)
class ReportStore:
    """The folder that a class's results are written into."""

    root: Path

    @contextmanager
    def ours(self) -> Iterator[None]:
        """Make the folder and keep it to ourselves; tidy up what a killed run was writing.

        Raises `UsageError` where nobody can write into it, or another batch does.
        """
        try:
            for name in (REPORTS, STUDENTS):
                (self.root / name).mkdir(parents=True, exist_ok=True)
            file = (self.root / ".lock").open("a")
        except OSError as error:
            msg = f"{self.root} is no folder to write into ({error.strerror}); name another one."
            raise UsageError(msg) from error
        with file as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                msg = f"Another batch writes into {self.root}; wait for it, or name another folder."
                raise UsageError(msg) from None
            for folder in (self.root, self.root / REPORTS, self.root / STUDENTS):
                for half in folder.glob(".*.part"):
                    half.unlink()
            yield

    def path(self, entry: Entry) -> Path:
        """Return where the report of `entry` is."""
        return self.root / REPORTS / f"{entry.stem}.json"

    def read(self, entry: Entry) -> dict[str, Any] | None:
        """Return the report of `entry`; None where there is none that can be read."""
        try:
            with self.path(entry).open(encoding="utf-8") as file:
                document = json.loads(file.read(MAX_BYTES))
        except (OSError, ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) and "run" in document else None

    def write(self, entry: Entry, text: str) -> None:
        """Put the report of `entry` in its place."""
        self._write(self.path(entry), text)

    def put(self, name: str, text: str) -> Path:
        """Write the file `name` alongside the reports, and give its path."""
        (self.root / name).parent.mkdir(exist_ok=True)
        self._write(self.root / name, text)
        return self.root / name

    def remove(self, name: str) -> None:
        """Remove the file `name`, where it is there."""
        (self.root / name).unlink(missing_ok=True)

    def _write(self, target: Path, text: str) -> None:
        """Write alongside the target, make sure that it is on the disk, then take its place.

        Raises `DiskFull` where there is no room.
        """
        half = target.with_name(f".{target.name}.part")
        try:
            with half.open("w", encoding="utf-8", errors="replace", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            half.replace(target)
            _sync(target.parent)
        except OSError as error:
            msg = f"{target} cannot be written ({error.strerror}); fix that and run this again."
            raise DiskFull(msg) from error


def _sync(folder: Path) -> None:
    """Have the folder's own entries on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
