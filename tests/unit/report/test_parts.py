"""Criteria that earn in parts, in every format: which part was lost, and exact points."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from grader.exam.parts import together
from grader.model import CheckResult, Graded, Outcome, Part, Visibility
from grader.report.compare import compare
from grader.report.compare_text import to_json as compared_json
from grader.report.compare_text import to_text
from grader.report.format_names import FORMATS
from grader.report.formats import render
from grader.report.json import to_dict, to_json
from grader.report.read import from_json
from grader.report.view import View, for_view
from grader.testing import a_challenge, a_result, graded

PARTS = tuple(
    Part(id=name, title=f"Part {name} holds", points=points)
    for name, points in (("a", Fraction(5, 3)), ("b", Fraction(5, 3)), ("c", Fraction(5, 3)))
)


def result(*lost: str) -> CheckResult:
    """The second criterion's, with these parts lost."""
    return together(
        "entry.create",
        PARTS,
        {
            one.id: a_result("entry.create", Outcome.FAILED, rationale=f"why-{one.id}")
            if one.id in lost
            else a_result("entry.create")
            for one in PARTS
        },
    )


def report(*lost: str, visibility: Visibility = Visibility.VISIBLE) -> Graded:
    """A report with these parts lost, all else earned."""
    challenge = a_challenge()
    first, second, third = challenge.criteria
    second = replace(second, parts=PARTS, visibility=visibility)
    challenge = replace(challenge, criteria=(first, second, third))
    return graded(
        a_result("repo.files"), result(*lost), a_result("entry.stored"), challenge=challenge
    )


def test_points_are_exact() -> None:
    """Three thirds are all of it, and two are two thirds."""
    assert report().score.earned == 10
    kept = report("b").score.earned
    assert kept == Fraction(10, 3) + 2, "entry.stored needs all of entry.create"
    assert type(kept) is Fraction


@pytest.mark.parametrize("name", [one for one in FORMATS if one not in {"outputs", "sarif"}])
def test_each_format_names_the_part(name: str) -> None:
    """With its reason; a student's view of a hidden criterion does not."""
    told = render(report("b"), name)
    assert "Part b holds" in told
    assert "why-b" in told
    assert "Part a holds" not in told or name == "json"
    assert "Part b" not in render(report("b", visibility=Visibility.HIDDEN), name)


def test_a_stored_report_has_its_parts() -> None:
    """To the last third, in the view of an instructor as well."""
    found = report("b", visibility=Visibility.HIDDEN)
    whole = replace(found, challenge=for_view(found.challenge, View.INSTRUCTOR, None))  # type: ignore[arg-type]
    stored = from_json(to_json(whole))
    assert isinstance(stored, Graded)
    assert stored.results[1].parts == found.results[1].parts
    assert stored.results[1].kept == Fraction(2, 3)
    assert json.loads(to_json(whole))["criteria"][1]["earned"] == "10/3"


def test_compare_names_the_parts_that_changed() -> None:
    """Also where the points are the same."""
    found = compare(to_dict(report("b")), to_dict(report("c")))
    assert found.unchanged == 2
    (one,) = found.criteria
    assert (one.change, one.parts) == (Fraction(0), ("lost: Part c holds", "gained: Part b holds"))
    assert "lost: Part c holds" in to_text(found)
    assert json.loads(compared_json(found))["criteria"][0]["parts"] == list(one.parts)
    assert compare(to_dict(report("b")), to_dict(report("b"))).criteria == ()
