"""The two-tier exam: its accepted solutions, and one rejected solution for each of its pitfalls.

`make verify` grades all of the rejected ones; that takes longer than a test may.
"""

from __future__ import annotations

import pytest

from grader.model import Challenge
from grader.settings import REPOSITORY, Settings
from grader.spec import load
from grader.verify import Kind, verify
from grader.verify.solutions import rejected_solutions

JOBS = 3
"""Side by side: a run waits ten seconds for its late database."""
ALWAYS = ("pymysql", "sqlalchemy", "starter", "empty", "always-200", "echo")
PITFALLS = (
    "secrets-in-image",
    "missing-dockerignore",
    "start-race",
    "health-check-without-wait",
    "no-volume",
    "volume-on-wrong-path",
    "published-database",
    "hard-coded-secrets-compose",
    "hard-coded-secrets-python",
    "fallback-secret-key",
    "committed-env-file",
    "app-as-root",
    "memory-instead-of-database",
    "sqlite-in-container",
    "decoy-database",
    "dies-without-database",
    "hangs-without-database",
)


@pytest.fixture(scope="module")
def challenge() -> Challenge:
    return load(REPOSITORY / "challenges" / "two-tier-compose")


def test_accepted_earn_all_and_each_pitfall_loses_what_it_should(
    challenge: Challenge, settings: Settings
) -> None:
    """Three seeds for the accepted ones; junk and starter stay low."""
    found = verify(challenge, settings, names=(*ALWAYS, *PITFALLS), jobs=JOBS)
    assert found.problems == ()
    kinds = [trial.kind for trial in found.trials]
    assert kinds.count(Kind.ACCEPTED) == 6
    graded = {one.name for one in found.trials if one.kind is Kind.REJECTED}
    assert graded >= set(PITFALLS)
    assert kinds.count(Kind.JUNK) == 3
    low = [one.earned for one in found.trials if one.kind is Kind.JUNK]
    assert max(low) < 20


def test_every_criterion_has_a_rejected_solution(challenge: Challenge, settings: Settings) -> None:
    """By what they say that they lose; `make verify` proves it."""
    claimed = {
        name for one in rejected_solutions(settings.references, challenge) for name in one.loses
    }
    unkillable = {one.id for one in challenge.criteria if one.unkillable}
    assert {one.id for one in challenge.criteria} == claimed | unkillable


def test_memory_sqlite_decoy_and_volumes_are_told_apart(
    challenge: Challenge, settings: Settings
) -> None:
    """Each way to lose data costs other criteria."""
    names = {"memory-instead-of-database", "sqlite-in-container", "decoy-database", "no-volume",
             "volume-on-wrong-path"}  # fmt: skip
    losses = {
        one.name: one.loses
        for one in rejected_solutions(settings.references, challenge)
        if one.name in names
    }
    assert set(losses) == names
    assert len(set(losses.values())) == len(names)
