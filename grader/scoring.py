"""From results to points. Pure; needs no Docker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grader.model import Challenge, CheckResult, Criterion, Outcome, Points, Score

MISSING = "The examination ended before this criterion was reached."


def complete(challenge: Challenge, results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """One result for each criterion of `challenge`, in its order.

    A criterion without a result was not reached: the denominator never shrinks. Results of
    criteria that the challenge does not price are left out.
    """
    found = {result.criterion: result for result in results}
    return tuple(
        found.get(criterion.id)
        or CheckResult(criterion=criterion.id, outcome=Outcome.NOT_REACHED, rationale=MISSING)
        for criterion in challenge.criteria
    )


def score(challenge: Challenge, results: Iterable[CheckResult]) -> Score:
    """The exact score: a criterion's points where it passed, nothing otherwise."""
    found = {result.criterion: result for result in results}
    earned: Points = sum(points(criterion, found) for criterion in challenge.criteria)
    return Score(earned=earned, possible=challenge.points)


def points(criterion: Criterion, results: Mapping[str, CheckResult]) -> Points:
    """What `criterion` earned."""
    result = results.get(criterion.id)
    return criterion.points if result and result.outcome is Outcome.PASSED else 0


def broken(results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """The results that are the grader's fault or the challenge's."""
    return tuple(result for result in results if result.outcome is Outcome.BROKEN)
