"""A report of before, scored again: other points, titles or hints, and the same outcomes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.errors import ReportUnreadable
from grader.exam.parts import together
from grader.model import Challenge, CheckResult, Criterion, Graded, GradeReport, Rejected
from grader.report.read import from_json
from grader.scoring import score

NOTE = "It was scored again"
"""How the note begins that a report of before was given other points."""


def rescored(document: Mapping[str, Any], challenge: Challenge) -> GradeReport | None:
    """Return the report in `document` with points, titles and hints of `challenge` as it is now.

    Nothing is graded: outcomes, reasons and evidence are those of the run. None where `document` is
    no report that can be scored.
    """
    try:
        report = from_json(json.dumps(document))
    except ReportUnreadable:
        return None
    before = report.provenance.challenge_version
    notes = [one for one in report.provenance.notes if not one.startswith(NOTE)]
    provenance = replace(
        report.provenance,
        challenge_version=challenge.version,
        challenge_digest=challenge.digest,
        notes=(*notes, f"{NOTE} with the points of version {challenge.version}: {before} before."),
    )
    match report:
        case Graded():
            found = {one.criterion: one for one in report.results}
            results = tuple(_result(found[one.id], one) for one in challenge.criteria)
            return replace(
                report, challenge=challenge, provenance=provenance, results=results,
                score=score(challenge, results),
            )  # fmt: skip
        case Rejected():
            return replace(report, challenge=challenge, provenance=provenance)
        case _:
            return None


def _result(result: CheckResult, criterion: Criterion) -> CheckResult:
    """Return `result` with the share that its parts earn now."""
    if not result.parts:
        return result
    found = {
        one.id: CheckResult(criterion=criterion.id, outcome=one.outcome, rationale=one.rationale)
        for one in result.parts
    }
    again = together(criterion.id, criterion.parts, found)
    return replace(result, rationale=again.rationale, kept=again.kept, parts=again.parts)
