"""What the mark of a test says: its criterion, its part, and when it may run."""

from __future__ import annotations

import pytest

from grader.criteria import LAST

MARK = "criterion(id, part=None): the criterion that a test examines, and the part of it"


def criterion_of(item: pytest.Item) -> str:
    """Return the criterion that a test is marked with; empty where it has no mark."""
    mark = item.get_closest_marker("criterion")
    return str(mark.args[0]) if mark and mark.args else ""


def part_of(item: pytest.Item) -> str:
    """Return the part that a test's mark names; empty where it names none."""
    mark = item.get_closest_marker("criterion")
    return str(mark.kwargs.get("part") or "") if mark else ""


def lateness_of(item: pytest.Item) -> int:
    """Return 0 for a test that may run at once, more for those of `LAST`."""
    name = criterion_of(item)
    return LAST.index(name) + 1 if name in LAST else 0
