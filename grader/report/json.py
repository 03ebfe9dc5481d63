"""The JSON report. Its form is `report.schema.json` alongside this file, published in `docs/`."""

from __future__ import annotations

import json
from typing import Any, assert_never

from grader.model import (
    Challenge,
    CheckResult,
    Criterion,
    Graded,
    GradeReport,
    Outcome,
    PartResult,
    Rejected,
    SourceLocation,
    Ungradable,
)
from grader.report.bounds import cleaned
from grader.report.view import earned, every_row, number, reason

FORMAT = 2


def to_json(report: GradeReport) -> str:
    """`report` as JSON text that ends in a newline."""
    return json.dumps(cleaned(to_dict(report)), indent=2, ensure_ascii=False) + "\n"


def to_dict(report: GradeReport) -> dict[str, Any]:
    """`report` as plain values."""
    head: dict[str, Any] = {"format": FORMAT}
    match report:
        case Graded():
            body = {
                "verdict": "graded",
                "score": {"earned": number(report.score.earned), "possible": report.score.possible},
                "passed": report.passed,
                "log_tail": report.log_tail,
            }
        case Rejected():
            body = {
                "verdict": "rejected",
                "score": {"earned": 0, "possible": report.challenge.points},
                "passed": False,
                "reason": reason(report),
            }
        case Ungradable():
            body = {"verdict": "ungradable", "reason": reason(report)}
        case _:
            assert_never(report)
    criteria = [_criterion(*row) for row in every_row(report)]
    return head | body | {"criteria": criteria, "run": _run(report)}


def _criterion(criterion: Criterion, result: CheckResult) -> dict[str, Any]:
    return {
        "id": criterion.id,
        "title": criterion.title,
        "points": criterion.points,
        "earned": number(earned(criterion, result)),
        "outcome": str(result.outcome),
        "rationale": result.rationale,
        "hint": criterion.hint if result.hinted else "",
        "evidence": result.evidence,
        "duration": round(result.duration, 3),
        "visibility": str(criterion.visibility),
        "required": criterion.required,
        "places": [_place(place) for place in result.locations],
        **({"parts": [_part(one) for one in result.parts]} if result.parts else {}),
        **({} if result.hidden_reason is None else {"hidden_reason": result.hidden_reason}),
        **({"need": result.need} if result.outcome is Outcome.NOT_REACHED else {}),
    }


def _part(one: PartResult) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "points": number(one.points),
        "outcome": str(one.outcome),
        "rationale": one.rationale,
    }


def _deadline(challenge: Challenge) -> dict[str, str]:
    return {"deadline": challenge.deadline.isoformat()} if challenge.deadline else {}


def _place(place: SourceLocation) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "message": place.message,
        "level": place.level,
        "commit": place.commit,
    }


def _run(report: GradeReport) -> dict[str, Any]:
    provenance = report.provenance
    return {
        "id": provenance.run,
        "started": provenance.started,
        "seed": provenance.seed,
        "grader": provenance.grader,
        "lock": provenance.lock,
        "engine": provenance.engine,
        "challenge": {
            "slug": provenance.challenge,
            "title": report.challenge.title,
            "pass_mark": report.challenge.pass_mark,
            "version": provenance.challenge_version,
            "digest": provenance.challenge_digest,
            **({"examined": report.challenge.examined} if report.challenge.examined else {}),
            **_deadline(report.challenge),
        },
        "submission": {
            "origin": provenance.origin,
            "commit": provenance.commit,
            "digest": provenance.tree_digest,
        },
        "images": dict(provenance.images),
        "bases": [
            {"reference": one.reference, "registry": one.registry, "packages": one.packages}
            for one in provenance.bases
        ],
        "substitutions": [
            {"wanted": one.wanted, "used": one.used, "reason": one.reason}
            for one in provenance.substitutions
        ],
        **({"roles": dict(provenance.roles)} if provenance.roles else {}),
        "notes": list(provenance.notes),
        "timings": [
            {"phase": one.phase, "start": one.start, "end": one.end} for one in provenance.timings
        ],
    }
