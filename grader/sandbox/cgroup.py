"""A control group for the RUN steps of builds: BuildKit itself bounds neither memory nor processes.

It can be made where the engine runs on this machine and the grader may write there: with cgroup v1
and with v2, under the engine's `cgroupfs` driver. Elsewhere (Docker Desktop, a remote engine,
systemd's driver) the limits of each single process and the deadline remain.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from grader.sandbox.engine import Engine

log = logging.getLogger(__name__)

ROOT = Path("/sys/fs/cgroup")
NAME = "grader-build"
MEMORY = 2 * 1024 * 1024 * 1024
"""Bytes that all RUN steps that run at a time may use together."""
PIDS = 1024


def build_cgroup(engine: Engine) -> str:
    """Return the name of the group for `--cgroup-parent`; empty where none can be made."""
    info = engine.facts
    return make(str(info.get("CgroupDriver")), str(info.get("CgroupVersion")))


@cache
def make(driver: str, version: str, root: Path = ROOT) -> str:
    """Make the group and set its limits; its name, or empty text where that cannot be done."""
    if driver != "cgroupfs":
        return ""
    try:
        for path, value in _limits(version, root).items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(str(value), "ascii")
    except OSError as error:
        log.debug("no control group for builds: %s", error)
        return ""
    return f"/{NAME}"


def _limits(version: str, root: Path) -> dict[Path, int]:
    if version == "2":
        return {root / NAME / "memory.max": MEMORY, root / NAME / "pids.max": PIDS}
    return {
        root / "memory" / NAME / "memory.limit_in_bytes": MEMORY,
        root / "pids" / NAME / "pids.max": PIDS,
    }
