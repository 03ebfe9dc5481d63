"""How the grader knows its own things again, and those of a run that is over."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psutil
import pytest

from grader.sandbox.labels import OWNER, RUN, owner, run_labels, stale

HOST = socket.gethostname()


def test_what_this_process_made_is_in_use() -> None:
    """Its labels name host, process and when that began."""
    assert run_labels("0a")[RUN] == "0a"
    assert not stale(run_labels("0a"))


@pytest.mark.parametrize(
    ("made_by", "over"),
    [
        (f"{HOST}:{os.getpid()}:1.00", True),
        (f"{HOST}:4194399:1.00", True),
        (f"{HOST}:{os.getpid()}:soon", True),
        (f"elsewhere:{os.getpid()}:1.00", False),
        (owner().replace(HOST, "elsewhere"), False),
        ("", True),
    ],
    ids=["an id used again", "gone", "no time", "another machine", "its process", "unknown"],
)
def test_what_a_run_left_is_told_by_its_owner(made_by: str, over: bool) -> None:
    """A process id alone does not tell; of another machine nobody here knows."""
    assert stale({RUN: "0a", OWNER: made_by}) is over


def test_a_clock_that_is_set_makes_no_run_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a process began is told without the time of day, where the system does so."""
    made = run_labels("0a")
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: 1.0)
    assert not stale(made)


def test_elsewhere_the_time_of_day_has_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system without /proc."""
    monkeypatch.setattr("grader.process.Path", lambda name: Path("/nowhere" + name))
    made = run_labels("0a")
    assert not stale(made)
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: 1.0)
    assert stale(made)


def test_what_is_not_ours_is_never_stale() -> None:
    """Nothing without the label of a run is touched."""
    assert not stale({})
    assert not stale({"com.example": "x"})
