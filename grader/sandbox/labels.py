"""Labels: how the grader knows its own containers, networks, volumes and images again."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

PREFIX = "practical-exam-grader"
RUN = f"{PREFIX}.run"
"""The id of the run that made a resource."""
OWNER = f"{PREFIX}.owner"
"""`host:pid:began` of the process that runs it; it is stale once that process is gone."""
DATABASE = f"{PREFIX}.database"
"""Marks a MySQL server, which holds more on its disk than an app."""
PROJECT = "com.docker.compose.project"
"""Compose's own: the project that a container or volume belongs to."""


def run_labels(run: str) -> dict[str, str]:
    """Return the labels for everything that the run of id `run` makes."""
    return {RUN: run, OWNER: owner()}


def owner() -> str:
    """Return a name of this process that no other one has, later or elsewhere."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid())}"


def stale(labels: Mapping[str, str]) -> bool:
    """Return whether the run that made a resource with these labels is over.

    What a process of another machine made (a shared engine) is never stale: nobody here knows.
    """
    host, _, rest = labels.get(OWNER, "").rpartition(":")[0].rpartition(":")
    pid, began = rest, labels.get(OWNER, "").rpartition(":")[2]
    if host != socket.gethostname() or not pid.isdigit():
        return RUN in labels and not host
    return _began(int(pid)) != began


def _began(pid: int) -> str:
    """Return when a process began; empty where there is none.

    Where the system tells, in clock ticks since it was started: a time of day is another one each
    time that somebody sets the clock, and a live run would be taken for one that is over.
    """
    import psutil

    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError, UnicodeDecodeError):
        pass
    try:
        return f"{psutil.Process(pid).create_time():.2f}"
    except psutil.Error:
        return ""
