"""The report as Gradescope's results.json (its autograder's documented output).

Without a score there is no number in it at all: Gradescope then tells the student that the
autograder failed and the instructor to run it again, and no zero is recorded.
"""

from __future__ import annotations

import json
from typing import Any, assert_never

from grader.model import (
    CheckResult,
    Criterion,
    Graded,
    GradeReport,
    Outcome,
    Rejected,
    Ungradable,
    Visibility,
)
from grader.report.view import decimal, earned, every_row, headline, hint, reason, seconds

VISIBILITY = {
    Visibility.VISIBLE: "visible",
    Visibility.HIDDEN: "hidden",
    Visibility.AFTER_DEADLINE: "after_due_date",
}
"""Gradescope's words for who sees a test; our own rule has hidden the reasons before."""


def to_gradescope(report: GradeReport) -> str:
    """`report` as JSON text that ends in a newline."""
    one = report.provenance
    common: dict[str, Any] = {
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(seconds(report)),
        "extra_data": {"challenge": one.challenge, "seed": one.seed, "tree": one.tree_digest},
    }
    match report:
        case Graded():
            body = {
                "score": decimal(report.score.earned),
                "output": f"{report.challenge.title}: {headline(report)}. {_again(report)}",
                "tests": [_test(*row) for row in every_row(report)],
            }
        case Rejected():
            body = {
                "score": 0,
                "output": f"Rejected, and nothing was run.\n{reason(report)}",
                "tests": [_test(*row) for row in every_row(report)],
            }
        case Ungradable():
            body = {
                "output": "There is no score: the platform failed, and this costs nothing. Submit "
                f"again, or have it run again.\n{reason(report)}",
            }
        case _:
            assert_never(report)
    return json.dumps(body | common, indent=2, ensure_ascii=False) + "\n"


def _again(report: Graded) -> str:
    return f"Seed {report.provenance.seed} repeats this run."


def _test(criterion: Criterion, result: CheckResult) -> dict[str, Any]:
    return {
        "name": criterion.title,
        "number": criterion.id,
        "name_format": "text",
        "score": decimal(earned(criterion, result)),
        "max_score": criterion.points,
        "status": "passed" if result.outcome is Outcome.PASSED else "failed",
        "output": _output(criterion, result),
        "output_format": "text",
        "visibility": VISIBILITY[criterion.visibility],
    }


def _output(criterion: Criterion, result: CheckResult) -> str:
    """Return what a student reads; gradescope shows it as plain text."""
    fitting = hint(criterion, result)
    advice = f"Hint: {fitting}" if fitting else ""
    return "\n".join(filter(None, (result.rationale, result.evidence, advice)))
