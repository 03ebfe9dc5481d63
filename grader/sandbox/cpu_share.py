"""Whether a container gets the processors that it was promised, or others have them.

What the container uses itself is none of that, so that no app can make its machine look busy.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")
WINDOW = 0.25
"""Seconds over which it is measured."""
SHARE = 0.6
"""The part of its processors that has to be left to a container."""
TICK = 1 / os.sysconf("SC_CLK_TCK")
IDLE = frozenset({3, 4})
"""The columns of /proc/stat that count time in which nothing ran: idle, iowait (proc(5))."""


@dataclass(frozen=True)
class _Used:
    """Seconds of processors that were used since the machine started."""

    by_all: float
    by_it: float


def is_starved(pid: int, cpus: float, cancel: threading.Event) -> bool:
    """Return whether others leave the container of process `pid` less than `cpus` processors.

    Takes a quarter of a second. False where nobody can tell, as with an engine elsewhere.
    """
    before, began = _used(pid), time.monotonic()
    if before is None or cancel.wait(WINDOW):
        return False
    after, took = _used(pid), time.monotonic() - began
    if after is None:
        return False
    processors = os.cpu_count() or 1
    by_others = (after.by_all - before.by_all) - (after.by_it - before.by_it)
    return processors * took - by_others < SHARE * min(cpus, processors) * took


def _used(pid: int) -> _Used | None:
    try:
        groups = (PROC / str(pid) / "cgroup").read_text("ascii")
        first = (PROC / "stat").read_text("ascii").split("\n", 1)[0]
        by_all = sum(int(ticks) for at, ticks in enumerate(first.split()[1:9]) if at not in IDLE)
        return _Used(by_all=by_all * TICK, by_it=_by_group(groups))
    except (OSError, ValueError, IndexError, LookupError):
        return None


def _by_group(groups: str) -> float:
    """Return the seconds that a control group used; `groups` is a process's /proc/PID/cgroup.

    Raises `LookupError`, `OSError`, `ValueError`.
    """
    named = [line.split(":", 2) for line in groups.splitlines()]
    for _, controllers, path in named:
        if "cpuacct" in controllers.split(","):
            folder = CGROUPS / controllers
            if not folder.is_dir():
                folder = CGROUPS / "cpuacct"
            return int((folder / path.lstrip("/") / "cpuacct.usage").read_text("ascii")) / 1e9
    for _, controllers, path in named:
        if not controllers:
            told = (CGROUPS / path.lstrip("/") / "cpu.stat").read_text("ascii")
            return int(dict(line.split(" ", 1) for line in told.splitlines())["usage_usec"]) / 1e6
    msg = "no control group counts its time"
    raise LookupError(msg)
