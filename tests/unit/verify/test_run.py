"""What a trial's score proves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.model import Outcome, Part, PartResult
from grader.testing import a_challenge, a_result, graded
from grader.verify import Trial, TrialKind
from grader.verify.judge import (
    phases,
    repeat_problems,
    trial_problems,
    trials_problems,
    untested,
    untested_parts,
    wavering,
)


def problems(kind: TrialKind, **more: Any) -> list[str]:
    values: dict[str, Any] = {"kind": kind, "name": "x", "seed": 1} | more
    for name in ("lost", "loses"):
        values[name] = frozenset(values.get(name, ()))
    return trial_problems(a_challenge(), Trial(**values))


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (TrialKind.ACCEPTED, {"earned": 10}),
        (TrialKind.REJECTED, {"lost": {"a", "b"}, "loses": {"a", "b"}}),
        (TrialKind.JUNK, {"earned": 1, "lost": {"a"}}),
        (TrialKind.STARTER, {"earned": 5, "lost": {"entry.create"}}),
    ],
)
def test_a_trial_as_it_should_be(kind: TrialKind, more: dict[str, Any]) -> None:
    """Nothing is said of it."""
    assert problems(kind, **more) == []


@pytest.mark.parametrize("kind", list(TrialKind))
def test_a_trial_without_a_score(kind: TrialKind) -> None:
    """The reason is passed on."""
    assert problems(kind, failure="No engine.") == [f"{kind} x (seed 1) has no score: No engine."]


@pytest.mark.parametrize(
    ("kind", "more", "sentence"),
    [
        (TrialKind.ACCEPTED, {"lost": {"b", "a"}}, "should earn every point; it loses a, b ()"),
        (TrialKind.REJECTED, {"loses": {"a", "b"}, "lost": {"b"}}, "keeps a"),
        (TrialKind.REJECTED, {"loses": {"a"}, "lost": {"a", "b"}}, "also loses b ()"),
        (
            TrialKind.REJECTED,
            {"loses": {"a"}, "lost": {"b"}},
            ("keeps a and also loses b (), so that it is caught by accident only"),
        ),
        (TrialKind.JUNK, {"earned": 2}, "earns 2; junk must stay below 20 %"),
        (TrialKind.STARTER, {"lost": {"app.starts"}}, "should build and start: app.starts ()"),
        (TrialKind.STARTER, {"earned": 6}, "earns 6, which is a pass already"),
    ],
)
def test_a_trial_that_is_not(kind: TrialKind, more: dict[str, Any], sentence: str) -> None:
    """What it is, and what it should be."""
    assert problems(kind, **more) == [f"{kind} x (seed 1) {sentence}"]


def test_the_reason_for_a_loss_is_passed_on() -> None:
    """The first one that the report has."""
    lost = a_result("entry.stored", Outcome.FAILED, rationale="No row.")
    report = graded(a_result("entry.create"), lost)
    (problem,) = problems(TrialKind.ACCEPTED, lost={"entry.stored"}, report=report)
    assert problem.endswith("it loses entry.stored (No row.)")


def test_a_criterion_that_nothing_loses_is_blunt() -> None:
    """Only a rejected solution counts, or the reason why there can be none."""
    trials = tuple(
        Trial(kind=kind, name="x", seed=1, lost=frozenset({name}))
        for kind, name in [(TrialKind.REJECTED, "repo.files"), (TrialKind.JUNK, "entry.stored")]
    )
    assert untested(a_challenge(), trials) == ("entry.create", "entry.stored")


def a_trial(
    outcomes: dict[str, Outcome], *, kind: TrialKind = TrialKind.ACCEPTED, seed: int = 1
) -> Trial:
    """A trial whose report has these outcomes."""
    results = [a_result(name, one) for name, one in outcomes.items()]
    of = TrialKind.ACCEPTED if kind is TrialKind.REPEAT else None
    return Trial(kind=kind, of=of, name="x", seed=seed, report=graded(*results))


KEPT = {"repo.files": Outcome.PASSED, "entry.create": Outcome.PASSED,
        "entry.stored": Outcome.PASSED}  # fmt: skip


@pytest.mark.parametrize(
    ("lost", "accident"), [({"a"}, ""), ({"a", "b"}, "partly"), ({"b"}, "only"), (set(), "")]
)
def test_an_accident_is_told_from_a_hit(lost: set[str], accident: str) -> None:
    """What a solution does not name may be lost alongside what it names, or in its place."""
    trial = Trial(
        kind=TrialKind.REJECTED, name="x", seed=1, loses=frozenset("a"), lost=frozenset(lost)
    )
    assert trial.accident == accident


def test_what_a_repetition_changes_is_named() -> None:
    """Each criterion with both outcomes; one that comes to the same is no problem."""
    first = a_trial(KEPT)
    same = a_trial(KEPT, kind=TrialKind.REPEAT)
    other = a_trial(KEPT | {"entry.stored": Outcome.TIMED_OUT}, kind=TrialKind.REPEAT)
    assert repeat_problems((first, same)) == []
    assert repeat_problems((first, other)) == [
        "x graded twice with seed 1 differs: entry.stored was passed, then timed_out"
    ]
    assert repeat_problems((a_trial(KEPT, seed=2), other)) == [], "Another seed may differ."


def test_solutions_of_one_name_are_told_apart() -> None:
    """A junk app may be called as a rejected solution is."""
    lost = KEPT | {"entry.stored": Outcome.FAILED}
    trials = (
        a_trial(KEPT),
        a_trial(lost, kind=TrialKind.JUNK),
        a_trial(KEPT, kind=TrialKind.REPEAT),
    )
    assert repeat_problems(trials) == []
    assert wavering(trials) == ()


def test_outcomes_that_waver_are_counted() -> None:
    """Over the seeds of one solution."""
    trials = tuple(a_trial(KEPT, seed=seed) for seed in (1, 2))
    assert wavering(trials) == ()
    bad = a_trial(KEPT | {"entry.stored": Outcome.FAILED}, seed=3)
    (found,) = wavering((*trials, bad))
    assert (found.name, found.criterion, found.passed, found.runs) == ("x", "entry.stored", 2, 3)


def test_the_median_of_each_phase() -> None:
    """In the order of a run; runs without a report have none."""
    trials = (a_trial(KEPT), a_trial(KEPT, seed=2), Trial(kind=TrialKind.JUNK, name="y", seed=1))
    assert phases(trials) == (("build", 2.25),)


def test_a_rejected_solution_that_varies_is_a_fault() -> None:
    """It is told once, with the seeds at which the mistake was missed."""
    lost = KEPT | {"entry.stored": Outcome.FAILED}
    trials = tuple(
        replace(
            a_trial(outcomes, kind=TrialKind.REJECTED, seed=seed),
            loses=frozenset({"entry.stored"}),
            lost=frozenset({"entry.stored"} if outcomes is lost else ()),
        )
        for seed, outcomes in [(1, lost), (2, KEPT), (3, lost)]
    )
    (problem,) = trials_problems(a_challenge(), trials)
    assert problem.startswith(
        "rejected x does not lose the same each time: it loses entry.stored in 2 of 3 runs "
        "(not with seed 2)."
    )
    assert trials_problems(a_challenge(), (trials[0], trials[2])) == []


def test_one_reason_for_many_runs_is_told_once() -> None:
    """A traceback of the suite's author ends every run in the same way."""
    said = "The suite failed at test_a.py:3 (test_a): KeyError: 'x'"
    trials = tuple(
        Trial(kind=TrialKind.ACCEPTED, name=name, seed=1, failure=said)
        for name in ("a", "b", "c", "d")
    )
    (problem,) = trials_problems(a_challenge(), trials)
    assert problem == (
        "accepted a (seed 1), accepted b (seed 1), accepted c (seed 1) and 1 more have no score: "
        f"{said}"
    )


def test_each_part_has_to_be_seen_to_fail() -> None:
    """A criterion that is lost by one of its parts says nothing of the others."""
    parts = tuple(Part(id=name, title=name, points=1) for name in ("a", "b"))
    challenge = a_challenge()
    first, second, third = challenge.criteria
    challenge = replace(challenge, criteria=(first, replace(second, parts=parts), third))
    found = tuple(
        PartResult(id=name, title=name, points=1, outcome=outcome)
        for name, outcome in (("a", Outcome.FAILED), ("b", Outcome.PASSED))
    )
    lost = a_result(second.id, Outcome.FAILED, parts=found)
    trial = Trial(
        kind=TrialKind.REJECTED, name="x", seed=1, report=graded(lost, challenge=challenge)
    )
    assert untested_parts(challenge, (trial,)) == [
        "No rejected solution loses the part b of entry.create; write one."
    ]
