"""Required criteria: without them nothing is passed, and everything says which one and why."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from grader.cli.grade import exit_code
from grader.errors import ReportUnreadable
from grader.model import CheckResult, Graded, Outcome
from grader.report.compare import compare
from grader.report.compare_text import to_json as compare_json
from grader.report.compare_text import to_text
from grader.report.console import render as render_console
from grader.report.console import render_changes
from grader.report.format_names import FORMATS
from grader.report.formats import render
from grader.report.json import to_dict, to_json
from grader.report.read import from_json
from grader.testing import a_challenge, a_result, graded

LOST = "entry.stored is required and was lost"
NOT_REACHED = "entry.stored is required and was not reached"
WITHOUT_TEXT = frozenset({"json", "outputs"})
"""Formats that say it in values of their own."""


def a_report(outcome: Outcome, *, create: Outcome = Outcome.PASSED) -> Graded:
    """Seven of ten points without the required criterion `entry.stored`, ten with it."""
    challenge = a_challenge()
    *others, stored = challenge.criteria
    challenge = replace(challenge, criteria=(*others, replace(stored, required=True)))
    results: list[CheckResult] = [
        a_result("repo.files"),
        a_result("entry.create", create),
        a_result("entry.stored", outcome, rationale="No row."),
    ]
    return graded(*results, challenge=challenge)


def on_a_console(report: Graded, before: Graded | None = None) -> str:
    """What a terminal shows, `before` being the run before under --watch."""
    console = Console(file=io.StringIO(), width=300)
    console.print(render_changes(report, before) if before else render_console(report))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("outcome", "passed"),
    [
        (Outcome.PASSED, True),
        (Outcome.FAILED, False),
        (Outcome.TIMED_OUT, False),
        (Outcome.NOT_REACHED, False),
    ],
)
def test_nothing_is_passed_without_it(outcome: Outcome, *, passed: bool) -> None:
    """Whatever the points; the exit code says so too."""
    report = a_report(outcome)
    assert report.score.percent >= report.challenge.pass_mark
    assert report.passed is passed
    assert exit_code(report) == (0 if passed else 1)


def test_it_does_not_replace_the_pass_mark() -> None:
    """With it, the points count as ever."""
    report = a_report(Outcome.PASSED)
    challenge = replace(report.challenge, pass_mark=100)
    low = graded(*report.results[:1], *report.results[2:], challenge=challenge)
    assert not low.passed


@pytest.mark.parametrize("name", sorted(set(FORMATS) - WITHOUT_TEXT))
def test_every_format_says_which_one(name: str) -> None:
    """As lost, or as not reached; nothing of it is said where it was earned."""

    def shown(outcome: Outcome) -> str:
        return render(a_report(outcome), name).replace("\\", "")

    assert LOST in shown(Outcome.FAILED)
    assert LOST in shown(Outcome.TIMED_OUT)
    assert NOT_REACHED in shown(Outcome.NOT_REACHED)
    assert "is required and was" not in shown(Outcome.PASSED)


def test_a_rule_of_many_is_told_once_each() -> None:
    """In the order of the exam."""
    report = a_report(Outcome.NOT_REACHED, create=Outcome.FAILED)
    criteria = tuple(replace(one, required=True) for one in report.challenge.criteria)
    report = replace(report, challenge=replace(report.challenge, criteria=criteria))
    said = f"not passed: entry.create is required and was lost; {NOT_REACHED}"
    assert said in on_a_console(report)


def test_outputs_of_a_step_name_it() -> None:
    """By its id."""
    assert "required-lost=entry.stored\n" in render(a_report(Outcome.FAILED), "outputs")
    assert "required-lost=\n" in render(a_report(Outcome.PASSED), "outputs")


def test_a_terminal_says_it() -> None:
    """At the end, alongside the score, and marks the criterion; --watch as well."""
    lost, fine = a_report(Outcome.FAILED), a_report(Outcome.PASSED)
    said = f"7 of 10 points  (70 %, not passed: {LOST}; the pass mark is 60 %)"
    assert said in on_a_console(lost)
    assert said in on_a_console(lost, fine)
    assert "entry.stored  required" in on_a_console(lost)
    assert "(100 %, passed; the pass mark is 60 %)" in on_a_console(fine)


def test_a_stored_report_keeps_it() -> None:
    """It comes back as it was; one from before there were required criteria does, too."""
    report = a_report(Outcome.FAILED)
    document = to_dict(report)
    assert [row["required"] for row in document["criteria"]] == [False, False, True]
    again = from_json(to_json(report))
    assert isinstance(again, Graded)
    assert [one.criterion for one in again.required_lost] == ["entry.stored"]
    for row in document["criteria"]:
        del row["required"]
    with pytest.raises(ReportUnreadable, match="its score, pass mark and required criteria"):
        from_json(json.dumps(document))
    before = from_json(json.dumps(document | {"passed": True}))
    assert isinstance(before, Graded)
    assert before.passed


def test_a_comparison_tells_of_it() -> None:
    """What was lost, and what that makes of the exam; or that it is gained."""
    lost, fine = to_dict(a_report(Outcome.FAILED)), to_dict(a_report(Outcome.PASSED))
    down, up = compare(fine, lost), compare(lost, fine)
    assert down.points == ("10 of 10", f"7 of 10, not passed: {LOST}")
    assert f"It is not passed now, whatever the points: {LOST}." in down.why
    assert (
        f"No required criterion is lost any more, and it is passed now. Before: {LOST}." in up.why
    )
    assert "entry.stored  Entries are in MySQL  (required, 3 → 0, passed → failed)" in to_text(down)
    assert json.loads(compare_json(down))["criteria"][0]["required"] is True
