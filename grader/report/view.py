"""What a reader may see of a result: hidden criteria show their title and hint only."""

from __future__ import annotations

from dataclasses import replace

from grader.model import Challenge, CheckResult, Criterion, Graded, Outcome, Points, Visibility
from grader.scoring import points

WITHHELD = "This criterion is hidden: the reason is not shown."


def rows(
    challenge: Challenge, results: tuple[CheckResult, ...]
) -> list[tuple[Criterion, CheckResult]]:
    """Each criterion with its result, what must not be seen left out; in the challenge's order."""
    found = {result.criterion: result for result in results}
    return [
        (criterion, _visible(criterion, found[criterion.id]))
        for criterion in challenge.criteria
        if criterion.id in found
    ]


def _visible(criterion: Criterion, result: CheckResult) -> CheckResult:
    if criterion.visibility is Visibility.VISIBLE or result.outcome is Outcome.PASSED:
        return result
    if result.outcome in {Outcome.NOT_REACHED, Outcome.BROKEN}:
        return result
    return replace(result, rationale=WITHHELD, evidence="")


def earned(criterion: Criterion, result: CheckResult) -> Points:
    """The points of one row."""
    return points(criterion, {criterion.id: result})


def lost(report: Graded) -> list[str]:
    """The ids of the criteria that did not pass."""
    return [result.criterion for result in report.results if result.outcome is not Outcome.PASSED]


def number(value: Points) -> int | str:
    """Points for a document: an integer where they are whole, else a fraction like `7/2`."""
    return int(value) if value == int(value) else str(value)
