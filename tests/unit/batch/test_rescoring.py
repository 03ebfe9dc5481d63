"""Points or hints that changed: what is there is scored again, and nothing is graded."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader.batch import AttemptEnding, run_batch
from grader.batch.rescoring import rescored
from grader.exam.parts import together
from grader.model import Challenge, Graded, Outcome, Part, Rejected
from grader.report.json import to_dict
from grader.testing import a_challenge, a_provenance, a_result, graded
from tests.unit.batch.faking import Class

SAME = "sha256:" + "1" * 64


def dearer(challenge: Challenge, **changes: Any) -> Challenge:
    """The same exam with a criterion that is worth 15 more, another hint and version."""
    first, second, third = challenge.criteria
    second = replace(second, points=20, hint="Another hint.", required=True)
    return replace(
        challenge, criteria=(first, second, third), version="2.0.0",
        digest="sha256:" + "9" * 64, **changes,
    )  # fmt: skip


def test_a_class_is_scored_again(tmp_path: Path) -> None:
    """With the new points, version and digest; whoever has changed is graded."""
    group = Class(tmp_path, challenge=a_challenge(examined=SAME))
    group.hand_in(ada="ppp", bob="pfp", eve="reject")
    run_batch(group.plan(), group.entries())
    group.fake.calls.clear()
    group.challenge = dearer(group.challenge)
    group.hand_in(dan="ppp")
    ends = {one.entry.student: one for one in run_batch(group.plan(), group.entries())}
    assert group.fake.calls == ["dan"]
    assert {name: one.ending for name, one in ends.items()} == {
        "ada": AttemptEnding.RESCORED, "bob": AttemptEnding.RESCORED, "eve": AttemptEnding.RESCORED,
        "dan": AttemptEnding.GRADED,
    }  # fmt: skip
    assert ends["ada"].points == "25/25"
    stored = group.store.read(ends["bob"].entry)
    assert stored is not None
    assert stored["score"] == {"earned": 5, "possible": 25}
    assert stored["criteria"][1]["hint"] == "Another hint."
    assert stored["run"]["challenge"]["version"] == "2.0.0"
    assert stored["run"]["notes"][-1].startswith("It was scored again with the points of version")
    again = run_batch(group.plan(), group.entries())
    assert {one.ending for one in again} == {AttemptEnding.KEPT}


def test_another_exam_is_graded_again(tmp_path: Path) -> None:
    """What outcomes depend on has changed, or an older report does not say."""
    for before in (SAME, ""):
        group = Class(tmp_path / (before[-1:] or "none"), challenge=a_challenge(examined=before))
        group.hand_in(ada="ppp")
        run_batch(group.plan(), group.entries())
        group.challenge = dearer(group.challenge, examined="sha256:" + "2" * 64)
        (one,) = run_batch(group.plan(), group.entries())
        assert one.ending is AttemptEnding.GRADED


def test_parts_have_their_new_points() -> None:
    """Exactly, in the reason as well."""
    parts = (Part(id="a", title="A", points=2), Part(id="b", title="B", points=3))
    challenge = a_challenge(examined=SAME)
    first, second, third = challenge.criteria
    challenge = replace(challenge, criteria=(first, replace(second, parts=parts), third))
    lost = together(
        second.id, parts,
        {"a": a_result(second.id), "b": a_result(second.id, Outcome.FAILED, rationale="No.")},
    )  # fmt: skip
    report = graded(a_result("repo.files"), lost, challenge=challenge)
    assert report.score.earned == 4
    new = (Part(id="a", title="A", points=Fraction(1, 2)), Part(id="b", title="B", points=4))
    changed = replace(second, parts=new, points=Fraction(9, 2))  # type: ignore[arg-type]
    found = rescored(to_dict(report), replace(challenge, criteria=(first, changed, third)))
    assert isinstance(found, Graded)
    assert found.score.earned == Fraction(5, 2)
    assert found.results[1].rationale == "4 of 9/2 points are lost here:\n- B (4): No."


def test_what_is_no_report_is_not_scored() -> None:
    """It is graded again."""
    assert rescored({"verdict": "graded"}, a_challenge()) is None
    rejected = Rejected(challenge=a_challenge(), provenance=a_provenance(), reason="No.")
    again = rescored(json.loads(json.dumps(to_dict(rejected))), dearer(a_challenge()))
    assert isinstance(again, Rejected)
    assert again.challenge.points == 25
