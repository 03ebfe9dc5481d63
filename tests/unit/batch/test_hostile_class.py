"""What the benchmark over all attacks says of a class: points, verdicts and bounds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.batch.hostile import Mixed
from grader.batch.entry import Entry
from grader.batch.rows import Row, RowState
from tests.docker.metering import Spent

HOSTILE, HEALTHY = "000-a-fork-bomb", "000-b-healthy"
SPENT = Spent(seconds=9.0, disk=0, memory=0)
CHALLENGE: Any = SimpleNamespace(points=10)


def row(student: str, **changes: Any) -> Row:
    values: dict[str, Any] = {"state": RowState.GRADED, "earned": Fraction(10), "possible": 10}
    return Row(entry=Entry(student=student, source=student), **values | changes)


def faults(*rows: Row, verdict: str = "graded", spent: Spent = SPENT) -> list[str]:
    mixed = Mixed(
        rows=rows, spent={HOSTILE: spent, HEALTHY: SPENT}, wanted={HOSTILE: {"verdict": verdict}},
        jobs=2,
    )  # fmt: skip
    return mixed.faults(CHALLENGE)


def test_what_is_as_it_must_be_is_not_named() -> None:
    assert faults(row(HOSTILE, earned=Fraction(1)), row(HEALTHY)) == []
    assert faults(row(HOSTILE, state=RowState.REJECTED), verdict="rejected") == []


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (row(HEALTHY, earned=Fraction(9)), "not all points: 9"),
        (row(HEALTHY, state=RowState.REJECTED, reason="no"), "rejected, and not graded: no"),
        (row(HOSTILE, state=RowState.FAULT, earned=None, reason="x"), "the platform is blamed: x"),
        (row(HOSTILE, state=RowState.UNREADABLE, earned=None), "unreadable, and not graded"),
    ],
)
def test_each_deviation_is_named(one: Row, said: str) -> None:
    assert faults(one)[0].startswith(f"{one.entry.student}: {said}")


def test_a_policy_that_lets_through_what_it_must_reject_is_named() -> None:
    assert faults(row(HOSTILE), verdict="rejected") == [
        f"{HOSTILE}: graded, and not rejected: ",
    ]


@pytest.mark.parametrize("changes", [{"seconds": 500.0}, {"disk": 3 << 30}, {"memory": 5 << 30}])
def test_a_run_above_its_bounds_is_named(changes: dict[str, Any]) -> None:
    (said,) = faults(row(HOSTILE), spent=replace(SPENT, **changes))
    assert said.startswith(f"{HOSTILE}: above its bounds: ")
