"""Whether a container gets the processors that it was promised, or others have them.

What the container uses itself is none of that, nor what its submission has use them, so that no app
can make its machine look busy.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Collection
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
    by_own: float


def is_starved(
    pid: int, cpus: float, cancel: threading.Event, own: Collection[int] = ()
) -> bool:  # fmt: skip
    """Return whether others leave the container of process `pid` less than `cpus` processors.

    `own` are processes of containers that are none of the others. Takes a quarter of a second.
    False where nobody can tell, as with an engine elsewhere.
    """
    try:
        groups = {_usage_of(one) for one in {pid, *own}}
        before, began = _used(groups), time.monotonic()
        if cancel.wait(WINDOW):
            return False
        after, took = _used(groups), time.monotonic() - began
    except (OSError, ValueError, LookupError):
        return False
    processors = os.cpu_count() or 1
    by_others = (after.by_all - before.by_all) - (after.by_own - before.by_own)
    return processors * took - by_others < SHARE * min(cpus, processors) * took


def _used(groups: Collection[Path]) -> _Used:
    """Return what is used so far. Raises `LookupError`, `OSError`, `ValueError`."""
    first = (PROC / "stat").read_text("ascii").split("\n", 1)[0]
    by_all = sum(int(ticks) for at, ticks in enumerate(first.split()[1:9]) if at not in IDLE)
    return _Used(by_all=by_all * TICK, by_own=sum(map(_seconds, groups)))


def _usage_of(pid: int) -> Path:
    """Return the file that tells what the control group of process `pid` has used.

    Raises `LookupError`, `OSError`, `ValueError`.
    """
    groups = (PROC / str(pid) / "cgroup").read_text("ascii")
    named = [line.split(":", 2) for line in groups.splitlines()]
    for _, controllers, path in named:
        if "cpuacct" in controllers.split(","):
            folder = CGROUPS / controllers
            if not folder.is_dir():
                folder = CGROUPS / "cpuacct"
            return folder / path.lstrip("/") / "cpuacct.usage"
    for _, controllers, path in named:
        if not controllers:
            return CGROUPS / path.lstrip("/") / "cpu.stat"
    msg = "no control group counts its time"
    raise LookupError(msg)


def _seconds(usage: Path) -> float:
    told = usage.read_text("ascii")
    if usage.name == "cpuacct.usage":
        return int(told) / 1e9
    return int(dict(line.split(" ", 1) for line in told.splitlines())["usage_usec"]) / 1e6
