"""A verification as JSON: `docs/verification.schema.json` is its schema."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from grader.report.view import number
from grader.verify.trials import Trial, TrialKind, Verification

FORMAT = 1


def to_json(verifications: Iterable[Verification]) -> str:
    """One document for the verifications of several challenges, in their order."""
    document = {"schema": FORMAT, "challenges": [_challenge(one) for one in verifications]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _challenge(result: Verification) -> dict[str, Any]:
    challenge = result.challenge
    return {
        "slug": result.slug,
        "version": challenge.version if challenge else None,
        "digest": challenge.digest if challenge else None,
        "holds": result.holds,
        "runs": len(result.trials),
        "proven_before": len(result.remembered),
        "seconds": round(result.seconds, 1),
        "problems": list(result.problems),
        "notes": list(result.notes),
        "criteria": [
            {
                "id": criterion.id,
                "points": criterion.points,
                "lost_by": sorted({
                    one.name
                    for one in result.trials
                    if one.kind is TrialKind.REJECTED and criterion.id in one.lost
                }),
                "unkillable": criterion.unkillable or None,
            }
            for criterion in (challenge.criteria if challenge else ())
        ],
        "untested": list(result.untested),
        "wavering": [
            {"solution": one.name, "criterion": one.criterion, "passed": one.passed,
             "runs": one.runs}
            for one in result.wavering
        ],
        "trials": [_trial(one) for one in result.trials],
        "phases": [{"phase": name, "median": seconds} for name, seconds in result.phases],
    }  # fmt: skip


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "kind": str(trial.kind),
        "name": trial.name,
        "seed": trial.seed,
        "earned": None if trial.failure else number(trial.earned),
        "loses": sorted(trial.loses),
        "lost": sorted(trial.lost),
        "accident": trial.accident or None,
        "failure": trial.failure or None,
        "proven_before": trial.proof.when if trial.proof else None,
    }
