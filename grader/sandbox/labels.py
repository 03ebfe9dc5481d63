"""Labels: how the grader knows its own containers, networks, volumes and images again."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from grader.process import began

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
    return f"{socket.gethostname()}:{os.getpid()}:{began(os.getpid())}"


def stale(labels: Mapping[str, str]) -> bool:
    """Return whether the run that made a resource with these labels is over.

    What a process of another machine made (a shared engine) is never stale: nobody here knows.
    """
    host, _, rest = labels.get(OWNER, "").rpartition(":")[0].rpartition(":")
    pid, told = rest, labels.get(OWNER, "").rpartition(":")[2]
    if host != socket.gethostname() or not pid.isdigit():
        return RUN in labels and not host
    return began(int(pid)) != told
