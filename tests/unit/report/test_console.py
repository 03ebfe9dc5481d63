"""The report for a terminal."""

from __future__ import annotations

import io
from fractions import Fraction

import pytest
from rich.console import Console

from grader.model import GradeReport, Outcome, Rejected, Ungradable
from grader.report.console import render
from grader.report.view import spoken
from grader.testing import a_challenge, a_provenance, a_result, graded
from tests.unit.report.examples import hidden


def shown(report: GradeReport) -> str:
    console = Console(file=io.StringIO(), width=90, color_system=None)
    console.print(render(report), crop=False)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


NEEDS = "It needs entry.create, which did not hold."


def test_a_loss_shows_reason_evidence_and_hint() -> None:
    """Points, why, the curl line and how to go on; what was not reached has no hint."""
    report = graded(
        a_result("repo.files"),
        a_result("entry.create", Outcome.FAILED, rationale="It said 200.", evidence="curl -i x"),
        a_result("entry.stored", Outcome.NOT_REACHED, rationale=NEEDS, need="entry.create"),
    )
    assert shown(report) == "\n".join(
        [
            "✔ The files are there repo.files 2/2",
            "✘ POST /entries answers 201 entry.create 0/5",
            "It said 200.",
            "curl -i x",
            "Hint: Return (body, 201).",
            "",
            "· 1 criterion not reached: it needs entry.create (entry.stored) 0/3",
            "",
            "2 of 10 points (20 %, not passed; the pass mark is 60 %)",
            "guestbook 1.2.3, seed 42, tree sha256:eeeeeeeeeeee",
            "python:3.9-slim: Python 3.11 was used (no registry)",
            "fifo was left out: it is no regular file.",
            "Grader 0.1.0, lock sha256:aaaaaaaaaaaa",
            "Time: build 2.2 s",
        ]
    )


def test_a_curl_line_can_be_copied_whole() -> None:
    """However long it is, it is one line."""
    curl = "curl -i -X POST --data-raw '" + "x" * 300 + "' http://localhost:5000/entries"
    report = graded(a_result("entry.create", Outcome.FAILED, rationale="No.", evidence=curl))
    assert curl in shown(report).splitlines()


def test_markup_of_a_student_is_only_text() -> None:
    """What looks like the terminal library's markup is shown, not obeyed."""
    text = "[bold red]FAKE 100/100[/] [link=http://evil]x[/link]"
    report = graded(a_result("entry.create", Outcome.FAILED, rationale=text))
    assert text in shown(report)


def test_no_score_is_said_plainly() -> None:
    """Ungradable costs nothing; rejected costs all, with the reason."""
    challenge, provenance = a_challenge(), a_provenance()
    lost = Ungradable(challenge=challenge, provenance=provenance, reason="The disk is full.")
    assert "Ungradable: there is no score" in shown(lost)
    assert "The disk is full." in shown(lost)
    rejected = Rejected(challenge=challenge, provenance=provenance, reason="Line 3: privileged")
    assert "Line 3: privileged" in shown(rejected)
    assert "0 of 10 points" in shown(rejected)


@pytest.mark.parametrize(
    ("points", "said"),
    [(2, "2"), (0, "0"), ("1/2", "½"), ("293/3", "97⅔"), ("23/7", "3 2/7"), ("2/7", "2/7")],
)
def test_points_are_said_as_people_say_them(points: int | str, said: str) -> None:
    """Exact, and without a fraction of a fraction."""
    assert spoken(Fraction(points)) == said


def test_hidden_criteria_show_title_and_hint_only() -> None:
    """As in every other format."""
    for report in hidden():
        text = shown(report)
        assert not any(part in text for part in ("the-reason", "the-proof", "the-place"))
