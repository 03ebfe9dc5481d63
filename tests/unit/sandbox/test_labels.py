"""How the grader knows its own things again, and those of a run that is over."""

from __future__ import annotations

import os
import socket

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


def test_what_is_not_ours_is_never_stale() -> None:
    """Nothing without the label of a run is touched."""
    assert not stale({})
    assert not stale({"com.example": "x"})
