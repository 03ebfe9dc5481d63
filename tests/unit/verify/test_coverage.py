"""What the roadmap says of the challenges is so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.settings import REPOSITORY
from grader.spec.library import load_all
from grader.spec.roadmap import Topic, read_roadmap
from grader.testing import a_challenge
from grader.verify.coverage import coverage_problems
from grader.verify.solutions import Accepted, RejectedSolution, rejected_solutions

TOPIC = Topic(
    id="commit", sources=("T",), project="registration", pitfall="forgotten-commit",
    seen="a second connection sees the row", examined={"guestbook": ("entry.stored",)},
)  # fmt: skip
REJECTED = RejectedSolution(
    name="forgets", base=Accepted(name="plain", root=Path()),
    pitfall="forgotten-commit", loses=frozenset({"entry.stored"}),
)  # fmt: skip


def problems(topic: Topic = TOPIC, rejected: RejectedSolution = REJECTED) -> list[str]:
    return coverage_problems([topic], {"guestbook": a_challenge()}, {"guestbook": [rejected]})


def test_a_row_that_holds() -> None:
    """Challenge, criterion, and a rejected solution of that pitfall that loses it."""
    assert problems() == []


@pytest.mark.parametrize(
    ("topic", "rejected", "said"),
    [
        ({"examined": {"guestbok": ("a",)}}, {}, "commit: there is no challenge 'guestbok'. Did"),
        ({"examined": {"guestbook": ("entry.store",)}}, {}, "guestbook has no criterion 'entry.st"),
        ({}, {"pitfall": "other"}, "no rejected solution of guestbook has the pitfall 'forgotten"),
        ({}, {"loses": frozenset({"entry.create"})}, "and loses one of the row's criteria."),
        ({"examined": {}, "planned": "guestbook"}, {}, "commit is planned for guestbook, which is"),
    ],
)
def test_a_row_that_says_too_much(
    topic: dict[str, object], rejected: dict[str, object], said: str
) -> None:
    """Each way."""
    found = problems(replace(TOPIC, **topic), replace(REJECTED, **rejected))  # type: ignore[arg-type]
    assert any(said in one for one in found), found


def test_a_broken_challenge_is_not_looked_into() -> None:
    """Neither its criteria nor its solutions; the other rows are."""
    other = replace(TOPIC, id="other", examined={"guestbok": ("a",)})
    found = coverage_problems([TOPIC, other], {}, {}, {"guestbook"})
    assert found[0].startswith("other: there is no challenge 'guestbok'.")
    assert all(one.startswith("other: ") for one in found)


def test_our_own_roadmap_holds() -> None:
    """Every row of the file is as the challenges are; at least 40 of the 95 are examined."""
    topics = read_roadmap(REPOSITORY / "challenges" / "roadmap.yml")
    challenges, broken = load_all([REPOSITORY / "challenges"])
    assert not broken
    references = REPOSITORY / "reference_solutions"
    rejected = {slug: rejected_solutions(references, one) for slug, one in challenges.items()}
    assert coverage_problems(topics, challenges, rejected) == []
    assert len(topics) == 95
    assert sum(topic.is_covered for topic in topics) >= 40
