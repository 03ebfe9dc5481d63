"""The report as CTRF, the Common Test Report Format: JSON that many dashboards read.

Its form is fixed by ctrf-io's published JSON schema, version 0.0. A criterion is a test.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from grader.model import (
    CheckResult,
    Criterion,
    Graded,
    GradeReport,
    Outcome,
    Rejected,
    Ungradable,
)
from grader.report.view import (
    began,
    decimal,
    earned,
    every_row,
    headline,
    reason,
    seconds,
    verdict,
)

SPEC = "0.0.0"
STATUS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.TIMED_OUT: "failed",
    Outcome.NOT_REACHED: "skipped",
    Outcome.BROKEN: "other",
}


def to_ctrf(report: GradeReport) -> str:
    """`report` as JSON text that ends in a newline."""
    tests = _tests(report)
    counts = Counter(one["status"] for one in tests)
    start = int(began(report).timestamp() * 1000)
    one = report.provenance
    results = {
        "tool": {"name": "grader", "version": one.grader},
        "summary": {
            "tests": len(tests),
            **{
                status: counts[status]
                for status in ("passed", "failed", "skipped", "pending", "other")
            },
            "start": start,
            "stop": start + round(seconds(report) * 1000),
            "extra": {"verdict": verdict(report), "result": headline(report), **_score(report)},
        },
        "tests": tests,
        "environment": {
            "appName": one.challenge,
            "appVersion": one.challenge_version,
            **({"commit": one.commit} if one.commit else {}),
            "healthy": not isinstance(report, Ungradable),
            "extra": {
                "seed": one.seed,
                "tree": one.tree_digest,
                "engine": one.engine,
                "lock": one.lock,
            },
        },
    }
    document = {
        "reportFormat": "CTRF",
        "specVersion": SPEC,
        "runId": one.run,
        "generatedBy": "practical-exam-grader",
        "results": results,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _score(report: GradeReport) -> dict[str, Any]:
    if not isinstance(report, Graded):
        return {}
    return {"score": decimal(report.score.earned), "possible": report.score.possible}


def _tests(report: GradeReport) -> list[dict[str, Any]]:
    """Return a test for each criterion; before them what kept them all from being examined."""
    tests = [_test(report, *row) for row in every_row(report)]
    if isinstance(report, Rejected):
        return [_about("The exam's policy", "failed", reason(report)), *tests]
    if isinstance(report, Ungradable):
        return [_about("The platform", "other", reason(report)), *tests]
    return tests


def _about(name: str, status: str, message: str) -> dict[str, Any]:
    return {"name": name, "status": status, "duration": 0, "message": message}


def _test(report: GradeReport, criterion: Criterion, result: CheckResult) -> dict[str, Any]:
    scored = isinstance(report, Graded)
    test: dict[str, Any] = {
        "name": criterion.title,
        "status": STATUS[result.outcome] if scored else "skipped",
        **({"rawStatus": str(result.outcome)} if scored else {}),
        "duration": round(result.duration * 1000),
        "suite": [report.challenge.slug],
        "extra": {
            "id": criterion.id,
            "points": criterion.points,
            **({"earned": decimal(earned(criterion, result))} if scored else {}),
            **({"required": True} if criterion.required else {}),
            **({"hint": criterion.hint} if criterion.hint and result.hinted else {}),
        },
    }
    if result.rationale:
        test["message"] = result.rationale
    if result.evidence:
        test["trace"] = result.evidence
    if result.locations:
        test["filePath"] = result.locations[0].path
        test["line"] = result.locations[0].line or 1
    return test
