"""What a reader may see of a result: hidden criteria show their title and hint only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, assert_never

from grader.model import (
    Challenge,
    CheckResult,
    Criterion,
    Graded,
    GradeReport,
    Outcome,
    Points,
    Rejected,
    Ungradable,
    Visibility,
)
from grader.report.locations import MAX_LOCATIONS
from grader.scoring import points

HIDDEN = "This criterion is hidden: the reason is not shown."
HIDDEN_FAULT = "this criterion is hidden; `grader verify` shows its makers what failed."
VISIBLE = Visibility.VISIBLE
NOT_REACHED = Outcome.NOT_REACHED
NOTHING_RAN = "Nothing was run: the submission was rejected."

VULGAR = {
    Fraction(1, 2): "½",
    Fraction(1, 3): "⅓",
    Fraction(2, 3): "⅔",
    Fraction(1, 4): "¼",
    Fraction(3, 4): "¾",
}

Row = tuple[Criterion, CheckResult]


class View(StrEnum):
    """For whose eyes a report is."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"


def for_view(challenge: Challenge, view: View, now: datetime) -> Challenge:
    """Return `challenge` with what may be seen of its criteria in `view` at the time `now`.

    An instructor sees all of them; a student those that are visible, and those that are hidden
    until the deadline once that has passed. Reports of the challenge show that much.
    """
    over = challenge.deadline is not None and now >= challenge.deadline
    shown = {
        one.id
        for one in challenge.criteria
        if view is View.INSTRUCTOR or (over and one.visibility is Visibility.AFTER_DEADLINE)
    }
    criteria = tuple(replace(one, shown=one.id in shown) for one in challenge.criteria)
    return replace(challenge, criteria=criteria)


def is_seen(criterion: Criterion) -> bool:
    """Return whether reasons and evidence of `criterion` may be seen."""
    return criterion.visibility is VISIBLE or criterion.shown


def rows(challenge: Challenge, results: tuple[CheckResult, ...]) -> list[Row]:
    """Each criterion with its result, what must not be seen left out; in the challenge's order."""
    found = {result.criterion: result for result in results}
    secret = not all(map(is_seen, challenge.criteria))
    return [
        (criterion, _visible(criterion, found[criterion.id], secret=secret))
        for criterion in challenge.criteria
        if criterion.id in found
    ]


def every_row(report: GradeReport) -> list[Row]:
    """Return the rows of `report`; where it was rejected, each criterion as not reached."""
    match report:
        case Graded() | Ungradable():
            return rows(report.challenge, report.results)
        case Rejected():
            return [(one, _not_run(one)) for one in report.challenge.criteria]
        case _:
            assert_never(report)


def _not_run(criterion: Criterion) -> CheckResult:
    return CheckResult(criterion=criterion.id, outcome=Outcome.NOT_REACHED, rationale=NOTHING_RAN)


def reason(report: Rejected | Ungradable) -> str:
    """Return why there was no examination, without what a hidden criterion keeps to itself."""
    if isinstance(report, Ungradable):
        hidden = {one.id for one in report.challenge.criteria if not is_seen(one)}
        for result in report.results:
            broken = result.criterion in hidden and result.outcome is Outcome.BROKEN
            if broken and report.reason.startswith(f"{result.criterion}: "):
                return f"{result.criterion}: {HIDDEN_FAULT}"
    return report.reason


def _visible(criterion: Criterion, result: CheckResult, *, secret: bool) -> CheckResult:
    """Return `result` as it may be seen; `secret`: where there are criteria that may not be."""
    if is_seen(criterion):
        if result.hidden_reason is not None and secret:
            result = replace(
                result,
                rationale=result.hidden_reason,
                evidence="",
                locations=(),
                parts=(),
                hidden_reason=None,
            )
        return replace(result, locations=result.locations[:MAX_LOCATIONS])
    match result.outcome:
        case Outcome.PASSED:
            said = ""
        case Outcome.NOT_REACHED:
            said = result.rationale
        case Outcome.FAILED | Outcome.TIMED_OUT | Outcome.BROKEN:
            said = HIDDEN
        case _:
            assert_never(result.outcome)
    return replace(result, rationale=said, evidence="", locations=(), parts=(), hidden_reason=None)


def hint(criterion: Criterion, result: CheckResult) -> str:
    """Return the criterion's hint where it was lost and the hint fits what was found.

    Else nothing.
    """
    lost = result.outcome in {Outcome.FAILED, Outcome.TIMED_OUT}
    return criterion.hint if lost and result.hinted else ""


def earned(criterion: Criterion, result: CheckResult) -> Points:
    """Return the points of one row."""
    return points(criterion, {criterion.id: result})


def lost(report: Graded) -> list[str]:
    """Return the ids of the criteria that did not pass."""
    return [result.criterion for result in report.results if result.outcome is not Outcome.PASSED]


def number(value: Points) -> int | str:
    """Points for a document: an integer where they are whole, else a fraction like `7/2`."""
    return int(value) if value == int(value) else str(value)


def spoken(value: Points) -> str:
    """Points for people: `2`, `½`, `97⅔`, `3 2/7`."""
    whole, rest = divmod(Fraction(value), 1)
    if not rest:
        return str(whole)
    part = VULGAR.get(rest)
    if part is None:
        return f"{whole} {rest}" if whole else str(rest)
    return f"{whole or ''}{part}"


def decimal(value: Points) -> int | float:
    """Points for readers that know no fractions: at most four digits after the point."""
    return int(value) if value == int(value) else round(float(value), 4)


def verdict(report: GradeReport) -> str:
    """`graded`, `rejected` or `ungradable`."""
    return type(report).__name__.lower()


def headline(report: GradeReport) -> str:
    """Return the result in a few words, the exam's own title left out."""
    match report:
        case Graded():
            word = "passed" if report.passed else "not passed"
            why = f": {unmet_of(report)}" if report.required_lost else ""
            return f"{spoken(report.score.earned)} of {report.score.possible} points, {word}{why}"
        case Rejected():
            return f"rejected, 0 of {report.challenge.points} points"
        case Ungradable():
            return "ungradable, no score"
        case _:
            assert_never(report)


def unmet(required: Iterable[tuple[str, str]]) -> str:
    """Return why the exam is not passed whatever the points.

    Empty where nothing keeps it from that.

    `required` are ids of required criteria that did not pass, with their outcomes.
    """
    return "; ".join(
        f"{name} is required and was {'not reached' if outcome == NOT_REACHED else 'lost'}"
        for name, outcome in required
    )


def unmet_of(report: GradeReport) -> str:
    """`unmet` of a report; empty where it has no score."""
    if not isinstance(report, Graded):
        return ""
    return unmet((one.criterion, str(one.outcome)) for one in report.required_lost)


def unmet_in(document: Mapping[str, Any]) -> str:
    """`unmet` of a report as plain values; empty where it has no score."""
    if document["verdict"] != "graded":
        return ""
    return unmet(
        (row["id"], row["outcome"])
        for row in document["criteria"]
        if row.get("required") and row["outcome"] != Outcome.PASSED
    )


def began(report: GradeReport) -> datetime:
    """Return when the run began; the beginning of 1970 where the report does not say so."""
    started = report.provenance.started
    moment = datetime.fromisoformat(started) if started else datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def seconds(report: GradeReport) -> float:
    """Return how long the run took, to the end of its last phase."""
    return max((one.end for one in report.provenance.timings), default=0.0)
