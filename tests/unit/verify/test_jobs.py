"""What `verify` grades: every solution that can be put together, and a fault for each other."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from grader.errors import PlatformError
from grader.settings import Settings
from grader.testing import a_challenge
from grader.verify import Trial, TrialKind, Verification, run
from grader.verify.agreement import ChallengeParts
from grader.verify.jobs import SEEDS

SOUND = ChallengeParts(problems=(), fatal=False, drawn=frozenset({"entry.stored"}))


@pytest.fixture
def verified(references: Path, monkeypatch: pytest.MonkeyPatch) -> Verification:
    """The verification of a challenge in which one patch no longer applies; nothing is graded."""

    def grade(*arguments: object, **options: object) -> NoReturn:
        raise PlatformError

    rejected = references / "guestbook/rejected"
    (rejected / "works.yml").write_text((rejected / "forgets.yml").read_text())
    (rejected / "works.patch").write_text((rejected / "forgets.patch").read_text())
    (rejected / "forgets.patch").write_text("--- a/app.py\n+++ b/app.py\n@@ -3 +3 @@\n-x\n+y\n")
    monkeypatch.setattr(run, "grade", grade)
    monkeypatch.setattr(run, "form_of", lambda challenge: SOUND)
    settings = Settings.from_env({"GRADER_REFERENCES": str(references)})
    return run.verify(a_challenge(root=references.parent / "none"), settings, seeds=(1,))


def test_a_patch_that_does_not_apply_is_a_fault(verified: Verification) -> None:
    """It is named with its hunk, and all others are graded."""
    (problem,) = [one for one in verified.problems if "hunk" in one]
    assert problem.startswith("rejected/forgets.patch:3: the hunk `@@ -3 +3 @@` no longer applies")
    assert not verified.holds
    names = {one.name for one in verified.trials}
    assert {"plain", "fancy", "works"} <= names
    assert "forgets" not in names


def settings_of(references: Path) -> Settings:
    """Settings that look for solutions in `references`."""
    return Settings.from_env({"GRADER_REFERENCES": str(references)})


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Names and seeds of what is graded; nothing is."""
    done: list[tuple[str, int]] = []

    def trial(challenge: object, settings: object, item: Any, **more: object) -> Trial:
        job, seed = item
        done.append((job.trial.name, seed))
        graded: Trial = replace(job.trial, seed=seed, lost=job.trial.loses, earned=10)
        return graded

    monkeypatch.setattr(run, "_run", trial)
    monkeypatch.setattr(run, "form_of", lambda challenge: SOUND)
    return done


def test_a_name_that_no_solution_has_is_a_fault(
    references: Path, graded: list[tuple[str, int]]
) -> None:
    """The nearest one is named, and nothing is graded, nor called a success."""
    names = ("forgets", "forgts")
    found = run.verify(a_challenge(root=references), settings_of(references), names=names)
    assert not found.holds
    assert graded == []
    assert found.problems == (
        "guestbook has no solution 'forgts', so nothing was graded. Did you mean 'forgets'?",
    )
    found = run.verify(a_challenge(root=references), settings_of(references), names=("qqqq",))
    assert "It has fancy, plain, empty, always-200, echo, starter, and" in found.problems[0]


@pytest.mark.parametrize("name", ["plain", "forgets", "echo"])
def test_one_solution_is_graded_alone(
    references: Path, graded: list[tuple[str, int]], name: str
) -> None:
    """Accepted, rejected and junk ones are known by name."""
    run.verify(a_challenge(root=references), settings_of(references), names=(name,))
    assert {one for one, _ in graded} == {name}


def test_what_draws_data_is_run_more_than_once(
    references: Path, graded: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two seeds, all of them where the solution is alone, one where nothing varies."""

    def seeds(**options: Any) -> list[int]:
        graded.clear()
        run.verify(a_challenge(root=references), settings_of(references), **options)
        return sorted({seed for name, seed in graded if name == "forgets"})

    assert seeds() == sorted(SEEDS[:2])
    assert seeds(names=("forgets",)) == sorted(SEEDS)
    assert seeds(count=5) == [1, 2, 3, 4, 5]
    monkeypatch.setattr(run, "form_of", lambda challenge: replace(SOUND, drawn=frozenset()))
    assert seeds() == [SEEDS[0]]


def test_a_suite_that_cannot_be_collected_is_told_once(
    references: Path, graded: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run would end over it, so none is begun."""
    broken = ChallengeParts(problems=("tests/test_a.py:1: no.",), fatal=True, drawn=frozenset())
    monkeypatch.setattr(run, "form_of", lambda challenge: broken)
    found = run.verify(a_challenge(root=references), settings_of(references))
    assert (found.problems, graded) == (broken.problems, [])


def test_a_lone_accepted_solution_is_said(references: Path, graded: list[tuple[str, int]]) -> None:
    """It is no fault: what it proves less is a note."""
    challenge = a_challenge(root=references)
    assert run.verify(challenge, settings_of(references), names=("plain",)).notes == ()
    shutil.rmtree(references / "guestbook/accepted/fancy")
    found = run.verify(challenge, settings_of(references), names=("plain",))
    assert found.holds
    (note,) = found.notes
    assert note.startswith("plain is the only accepted solution")
    assert {one.kind for one in found.trials} == {TrialKind.ACCEPTED}
