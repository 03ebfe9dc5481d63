"""A run's own folder on the host, and those that killed runs have left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.sandbox.labels import OWNER, owner, stale
from grader.sandbox.reaper import reap_folders


@contextmanager
def workspace(state: Path, run: str) -> Iterator[Path]:
    """Yield a private folder for the run of id `run`; removed at its end."""
    folder = state / "runs" / run
    folder.mkdir(mode=0o700, parents=True)
    (folder / "owner").write_text(owner(), "utf-8")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(state: Path, *, everything: bool = False) -> int:
    """Remove the folders of runs that are over; with `everything`, all. How many there were."""
    return reap_folders(state / "runs", lambda name: not everything and not stale({OWNER: name}))
