"""What each student is handed: their report as a page of HTML, and a line for each loss.

Reports on the shelf are an instructor's. What is made of them here is a student's view: reasons of
hidden criteria are left out, but for those that the deadline shows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from grader.errors import ReportUnreadable
from grader.model import Challenge, Graded, GradeReport, Outcome
from grader.report.formats import render
from grader.report.read import from_json
from grader.report.view import View, earned, every_row, for_view, spoken
from grader.text import clean, clip

REASON = 300
"""Characters of a reason in a line."""


def students_view(document: Mapping[str, Any], challenge: Challenge) -> GradeReport | None:
    """Return the report in `document` as its student may see it now; None where it is none.

    The deadline is that of `challenge`, as it is now.
    """
    try:
        report = from_json(json.dumps(document))
    except ReportUnreadable:
        return None
    known = replace(report.challenge, deadline=challenge.deadline)
    return replace(report, challenge=for_view(known, View.STUDENT, datetime.now(UTC)))


def page(report: GradeReport) -> str:
    """Return a student's report as one page of HTML that needs nothing else."""
    return render(report, "html")


def feedback(report: GradeReport) -> tuple[str, ...]:
    """Return a line for each criterion of `report` that was lost: points, title, reason, hint."""
    if not isinstance(report, Graded):
        return ()
    return tuple(
        f"{criterion.title} ({spoken(earned(criterion, result))} of {criterion.points}): "
        f"{_line(result.rationale)}"
        for criterion, result in every_row(report)
        if result.outcome is not Outcome.PASSED
    )


def _line(text: str) -> str:
    return clip(clean(text).replace("\n", " "), REASON)
