"""The report as the outputs of a step of GitHub Actions, one `name=value` a line.

Only numbers and words of the grader's own are in it: a student's text in a file of outputs could
set an output of its own.
"""

from __future__ import annotations

from grader.model import Graded, GradeReport, Rejected
from grader.report.view import decimal, verdict


def to_outputs(report: GradeReport) -> str:
    """`verdict`, `score`, `possible` and `passed`; score and passed empty where there is none."""
    score, passed = "", ""
    if isinstance(report, Graded):
        score, passed = str(decimal(report.score.earned)), str(report.passed).lower()
    elif isinstance(report, Rejected):
        score, passed = "0", "false"
    possible = report.challenge.points or ""
    return f"verdict={verdict(report)}\nscore={score}\npossible={possible}\npassed={passed}\n"
