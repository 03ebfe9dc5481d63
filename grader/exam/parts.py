"""The result of a criterion that earns in parts, made of the results of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from grader.model import CheckResult, Outcome, Part, PartResult
from grader.text import clip

REASON = 600
"""Characters of one part's reason that the criterion's own has."""
UNTRIED = "It was not examined."


def together(
    criterion: str, parts: Sequence[Part], found: Mapping[str, CheckResult]
) -> CheckResult:
    """Return the result of `criterion` from those `found` of its `parts`, by their ids.

    Where some parts are lost, the criterion has failed and keeps the exact share of the others; its
    reason names each part that was lost. A part without a result is lost.
    """
    results = [_result(part, found.get(part.id)) for part in parts]
    lost = [one for one in results if one.outcome is not Outcome.PASSED]
    if not lost:
        return CheckResult(criterion=criterion, outcome=Outcome.PASSED, parts=tuple(results))
    total = sum((Fraction(part.points) for part in parts), Fraction(0))
    missing = sum((Fraction(one.points) for one in lost), Fraction(0))
    said = [f"- {one.title} ({one.points}): {clip(one.rationale, REASON)}" for one in lost]
    shown = [(part.title, found[part.id].evidence) for part in parts if part.id in found]
    hidden_reasons = [one.hidden_reason for one in found.values() if one.hidden_reason is not None]
    return CheckResult(
        criterion=criterion,
        outcome=_outcome([one.outcome for one in results]),
        rationale="\n".join([f"{missing} of {total} points are lost here:", *said]),
        evidence="\n\n".join(f"{title}:\n{text}" for title, text in shown if text),
        kept=1 - missing / total,
        parts=tuple(results),
        hidden_reason=hidden_reasons[0] if hidden_reasons else None,
        hinted=any(one.hinted for one in found.values() if one.outcome is not Outcome.PASSED),
    )


def _result(part: Part, found: CheckResult | None) -> PartResult:
    outcome = found.outcome if found else Outcome.NOT_REACHED
    rationale = found.rationale if found else UNTRIED
    return PartResult(
        id=part.id, title=part.title, points=part.points, outcome=outcome, rationale=rationale
    )


def _outcome(outcomes: Sequence[Outcome]) -> Outcome:
    """Return what a criterion came to of whose parts one at least is lost."""
    if Outcome.PASSED in outcomes or Outcome.FAILED in outcomes:
        return Outcome.FAILED
    return Outcome.TIMED_OUT if Outcome.TIMED_OUT in outcomes else Outcome.NOT_REACHED
