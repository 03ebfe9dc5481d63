"""Gradescope's results.json, by the rules of its documentation."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from grader.model import Visibility
from grader.report.formats import render
from grader.testing import a_challenge, a_result, graded
from tests.unit.report.examples import hostile, three

FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBLE = {"hidden", "after_due_date", "after_published", "visible"}


def load(verdict: str, *, evil: bool = False) -> dict[str, Any]:
    report = (hostile() if evil else three())[verdict]
    found: dict[str, Any] = json.loads(render(report, "gradescope"))
    return found


@pytest.mark.parametrize("verdict", ["graded", "rejected", "ungradable"])
@pytest.mark.parametrize("evil", [False, True])
def test_only_what_gradescope_documents(verdict: str, evil: bool) -> None:
    """Numbers for points, whole seconds, plain text, known words."""
    found = load(verdict, evil=evil)
    assert set(found) <= {"score", "execution_time", "output", "output_format", "visibility",
                          "stdout_visibility", "tests", "extra_data"}  # fmt: skip
    assert isinstance(found["execution_time"], int)
    for one in (found, *found.get("tests", ())):
        assert one["output_format"] == "text"
        assert one["visibility"] in VISIBLE
    for one in found.get("tests", ()):
        assert isinstance(one["score"], int | float)
        assert one["name_format"] in FORMATS
        assert one["status"] in {"passed", "failed"}


def test_without_a_score_there_is_no_number() -> None:
    """Neither a score nor tests, of which Gradescope would make a sum."""
    found = load("ungradable")
    assert "score" not in found
    assert "tests" not in found
    assert "There is no score: the platform failed" in found["output"]
    assert load("rejected")["score"] == 0
    assert load("graded")["score"] == 0.5


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Visibility.VISIBLE, "visible"),
        (Visibility.HIDDEN, "hidden"),
        (Visibility.AFTER_DEADLINE, "after_due_date"),
    ],
)
def test_visibility_is_gradescopes_too(ours: Visibility, theirs: str) -> None:
    """Who may see a criterion there follows from who may see it here."""
    criteria = tuple(replace(one, visibility=ours) for one in a_challenge().criteria)
    report = graded(a_result("repo.files"), challenge=a_challenge(criteria=criteria))
    tests = json.loads(render(report, "gradescope"))["tests"]
    assert {one["visibility"] for one in tests} == {theirs}
