"""For whose eyes a report is: an instructor's show all, a student's what may be seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from grader.model import Challenge, Graded, GradeReport, Outcome, Ungradable, Visibility
from grader.report.format_names import FORMATS
from grader.report.formats import render
from grader.report.json import to_json
from grader.report.read import from_json
from grader.report.view import View, for_view
from grader.testing import a_challenge, a_provenance, a_result, graded

NOW = datetime(2030, 6, 30, 12, tzinfo=UTC)
WORDS = [name for name in FORMATS if name not in {"outputs", "annotations", "sarif"}]
"""Formats that hold reasons of criteria that have no place in a file."""


def exam(visibility: Visibility, *, deadline: datetime | None = None) -> Challenge:
    """The small challenge, its second criterion hidden in that way."""
    challenge = a_challenge(deadline=deadline)
    first, second, third = challenge.criteria
    return replace(challenge, criteria=(first, replace(second, visibility=visibility), third))


def lost(challenge: Challenge) -> Graded:
    """A report whose hidden criterion was lost, and after it a visible one."""
    second = a_result("entry.create", Outcome.FAILED, rationale="the-reason", evidence="the-proof")
    first = a_result("repo.files", Outcome.FAILED, rationale="the-late-reason",
                     evidence="the-late-proof", hidden_reason="It came too late.")  # fmt: skip
    report = graded(first, second)
    return replace(report, challenge=challenge)


def seen(report: GradeReport, view: View, now: datetime = NOW) -> GradeReport:
    """`report` with what may be seen of it."""
    return replace(report, challenge=for_view(report.challenge, view, now))


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("visibility", [Visibility.HIDDEN, Visibility.AFTER_DEADLINE])
def test_an_instructor_sees_all(name: str, visibility: Visibility) -> None:
    """In every format, with or without a deadline; a student does not."""
    report = lost(exam(visibility, deadline=NOW + timedelta(hours=1)))
    told = render(seen(report, View.INSTRUCTOR), name)
    for said in ("the-reason", "the-late-reason"):
        assert said in told
    kept = render(seen(report, View.STUDENT), name)
    assert "the-" not in kept
    assert "It came too late." in kept


@pytest.mark.parametrize("name", WORDS)
def test_the_deadline_shows_what_waits_for_it(name: str) -> None:
    """From that moment on, and nothing that stays hidden."""
    report = lost(exam(Visibility.AFTER_DEADLINE, deadline=NOW))
    assert "the-reason" not in render(seen(report, View.STUDENT, NOW - timedelta(seconds=1)), name)
    after = render(seen(report, View.STUDENT), name)
    assert "the-reason" in after
    assert "the-late-reason" in after, "nothing is secret any more that the app could tell of"
    never = lost(exam(Visibility.HIDDEN, deadline=NOW))
    assert "the-" not in render(seen(never, View.STUDENT), name)
    undated = lost(exam(Visibility.AFTER_DEADLINE))
    assert "the-" not in render(seen(undated, View.STUDENT), name)


@pytest.mark.parametrize("name", FORMATS)
def test_what_an_instructor_stores_shows_a_student_no_more(name: str) -> None:
    """The JSON has all of it; rendered for a student it withholds what it should."""
    report = lost(exam(Visibility.HIDDEN))
    stored = from_json(to_json(seen(report, View.INSTRUCTOR)))
    assert "the-" not in render(seen(stored, View.STUDENT), name)
    assert "the-" not in render(stored, name), "a student's view is what there is without a word"
    again = seen(stored, View.INSTRUCTOR)
    assert render(again, name) == render(seen(report, View.INSTRUCTOR), name)


def test_what_a_students_report_withholds_is_not_in_it() -> None:
    """An instructor's view of it has no more."""
    stored = from_json(to_json(seen(lost(exam(Visibility.HIDDEN)), View.STUDENT)))
    assert "the-" not in render(seen(stored, View.INSTRUCTOR), "json")


def test_a_stored_report_knows_its_deadline() -> None:
    """It is rendered with the reasons once that has passed."""
    report = seen(lost(exam(Visibility.AFTER_DEADLINE, deadline=NOW)), View.INSTRUCTOR)
    stored = from_json(to_json(report))
    assert stored.challenge.deadline == NOW
    assert "the-reason" in render(seen(stored, View.STUDENT), "html")
    assert "the-reason" not in render(seen(stored, View.STUDENT, NOW - timedelta(days=1)), "html")


def test_a_suite_that_failed_in_a_hidden_criterion_is_told_to_instructors() -> None:
    """A student learns that it is no fault of theirs, and no more."""
    result = a_result("entry.create", Outcome.BROKEN, rationale="the-reason")
    report = Ungradable(challenge=exam(Visibility.HIDDEN), provenance=a_provenance(),
                        reason="entry.create: the-reason", results=(result,))  # fmt: skip
    assert "the-reason" in render(seen(report, View.INSTRUCTOR), "markdown")
    assert "the-reason" not in render(seen(report, View.STUDENT), "markdown")
