"""The report as the outputs of a step of GitHub Actions, one `name=value` a line.

Only numbers and words of the grader's own are in it: a student's text in a file of outputs could
set an output of its own.
"""

from __future__ import annotations

import re

from grader.model import Graded, GradeReport, Rejected
from grader.report.view import decimal, verdict

NO_ID = re.compile(r"[^a-z0-9_.]")
"""What no id of a criterion holds; a forged report's may."""


def to_outputs(report: GradeReport) -> str:
    """`verdict`, `score`, `possible`, `passed` and `required-lost`, empty where there is none.

    The last one holds the ids of required criteria that did not pass, with blanks between them.
    """
    score, passed, lost = "", "", ""
    if isinstance(report, Graded):
        score, passed = str(decimal(report.score.earned)), str(report.passed).lower()
        lost = " ".join(NO_ID.sub("_", one.criterion) for one in report.required_lost)
    elif isinstance(report, Rejected):
        score, passed = "0", "false"
    possible = report.challenge.points or ""
    values = {"verdict": verdict(report), "score": score, "possible": possible, "passed": passed}
    return "".join(
        f"{name}={value}\n" for name, value in (values | {"required-lost": lost}).items()
    )
