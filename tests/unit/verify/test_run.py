"""What a trial's score proves."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model import Outcome
from grader.testing import a_challenge, a_result, graded
from grader.verify import Kind, Trial
from grader.verify.run import _sharpness_problems, _trial_problems


def problems(kind: Kind, **more: Any) -> list[str]:
    values: dict[str, Any] = {"kind": kind, "name": "x", "seed": 1} | more
    for name in ("lost", "loses"):
        values[name] = frozenset(values.get(name, ()))
    return _trial_problems(a_challenge(), Trial(**values))


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (Kind.ACCEPTED, {"earned": 10}),
        (Kind.REJECTED, {"lost": {"a", "b"}, "loses": {"a", "b"}}),
        (Kind.JUNK, {"earned": 1, "lost": {"a"}}),
        (Kind.STARTER, {"earned": 5, "lost": {"entry.create"}}),
    ],
)
def test_a_trial_as_it_should_be(kind: Kind, more: dict[str, Any]) -> None:
    """Nothing is said of it."""
    assert problems(kind, **more) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_a_trial_without_a_score(kind: Kind) -> None:
    """The reason is passed on."""
    assert problems(kind, failure="No engine.") == [f"{kind} x (seed 1) has no score: No engine."]


@pytest.mark.parametrize(
    ("kind", "more", "sentence"),
    [
        (Kind.ACCEPTED, {"lost": {"b", "a"}}, "should earn every point; it loses a, b ()"),
        (Kind.REJECTED, {"loses": {"a", "b"}, "lost": {"b"}}, "keeps a"),
        (Kind.REJECTED, {"loses": {"a"}, "lost": {"a", "b"}}, "also loses b ()"),
        (Kind.REJECTED, {"loses": {"a"}, "lost": {"b"}}, "keeps a and also loses b ()"),
        (Kind.JUNK, {"earned": 2}, "earns 2; junk must stay below 20 %"),
        (Kind.STARTER, {"lost": {"app.starts"}}, "should build and start: app.starts ()"),
        (Kind.STARTER, {"earned": 6}, "earns 6, which is a pass already"),
    ],
)
def test_a_trial_that_is_not(kind: Kind, more: dict[str, Any], sentence: str) -> None:
    """What it is, and what it should be."""
    assert problems(kind, **more) == [f"{kind} x (seed 1) {sentence}"]


def test_the_reason_for_a_loss_is_passed_on() -> None:
    """The first one that the report has."""
    lost = a_result("entry.stored", Outcome.FAILED, rationale="No row.")
    report = graded(a_result("entry.create"), lost)
    (problem,) = problems(Kind.ACCEPTED, lost={"entry.stored"}, report=report)
    assert problem.endswith("it loses entry.stored (No row.)")


def test_a_criterion_that_nothing_loses_is_blunt() -> None:
    """Only a rejected solution counts, or the reason why there can be none."""
    trials = tuple(
        Trial(kind=kind, name="x", seed=1, lost=frozenset({name}))
        for kind, name in [(Kind.REJECTED, "repo.files"), (Kind.JUNK, "entry.stored")]
    )
    assert [problem.split(";")[0] for problem in _sharpness_problems(a_challenge(), trials)] == [
        "No rejected solution loses entry.create",
        "No rejected solution loses entry.stored",
    ]
