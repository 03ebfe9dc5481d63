"""What counts as a change of a folder."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cli.changes import Changes, changes_in


@pytest.fixture
def changes(tmp_path: Path) -> Iterator[Changes]:
    (tmp_path / "__pycache__").mkdir()
    with changes_in(tmp_path, [tmp_path / "result.html"]) as found:
        yield found


def seen(changes: Changes, name: str) -> list[str]:
    """What is told once `name` has been."""
    told: list[str] = []
    end = time.monotonic() + 10
    while name not in told and time.monotonic() < end:
        told += changes.begin()[0]
        time.sleep(0.01)
    return told


def test_a_file_that_is_written_is_told(changes: Changes, tmp_path: Path) -> None:
    """By its name in the folder; its own reports and Python's files are none."""
    (tmp_path / "result.html").write_text("x")
    (tmp_path / "__pycache__" / "app.cpython-311.pyc").write_text("x")
    (tmp_path / "app.py").write_text("x")
    assert seen(changes, "app.py") == ["app.py"]


def test_a_run_that_is_under_way_is_ended(changes: Changes, tmp_path: Path) -> None:
    """By the change, which the event says; `wait` returns."""
    names, cancel = changes.begin()
    assert (names, cancel.is_set(), cancel.by_change) == ([], False, False)
    (tmp_path / "app.py").write_text("x")
    changes.wait()
    assert cancel.is_set()
    assert cancel.by_change
    names, cancel = changes.begin()
    assert (names, cancel.is_set()) == (["app.py"], False)
