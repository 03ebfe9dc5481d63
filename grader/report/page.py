"""What the HTML report shows, in plain values; the template lays it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from grader.model import (
    CheckResult,
    Criterion,
    Graded,
    GradeReport,
    Outcome,
    Points,
    Rejected,
    SourceLocation,
    Ungradable,
)
from grader.report.evidence import Parts, parts
from grader.report.folding import fold
from grader.report.locations import of_sentences, without_places
from grader.report.view import (
    Row,
    began,
    earned,
    every_row,
    hint,
    reason,
    seconds,
    spoken,
    unmet_of,
)
from grader.text import clip

UNLOST = {Outcome.PASSED, Outcome.NOT_REACHED}
MARKS = {
    Outcome.PASSED: ("✔", "passed"),
    Outcome.FAILED: ("✘", "lost"),
    Outcome.TIMED_OUT: ("⏱", "no answer in time"),
    Outcome.NOT_REACHED: ("○", "not reached"),
    Outcome.BROKEN: ("!", "a fault of ours"),
}


@dataclass(frozen=True, kw_only=True)
class OutcomeLabel:
    """How an outcome is shown."""

    mark: str
    """One character."""
    state: str
    """The outcome in words."""
    kind: Outcome
    """Its own name, for the style."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One criterion."""

    id: str
    title: str
    points: str
    """Earned and possible, like `2/5`; only possible where there is no score."""
    outcome: OutcomeLabel
    rationale: str
    hint: str
    evidence: Parts
    places: tuple[SourceLocation, ...]
    required: bool


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Criteria that were not reached for one reason."""

    sentence: str
    points: str
    reason: str
    """Why, where no other row says it."""
    evidence: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Area:
    """The criteria whose ids begin alike, and what they earned together."""

    name: str
    earned: str
    possible: int
    percent: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One phase on the line of time."""

    phase: str
    seconds: float
    left: float
    """Per cent of the whole time."""
    width: float


@dataclass(frozen=True, kw_only=True)
class PageVerdict:
    """What the run came to."""

    kind: str
    """`passed`, `failed`, `rejected` or `ungradable`."""
    name: str
    said: str
    """The verdict in a sentence."""
    percent: float | None
    """None where there is no score."""
    score: str
    reason: str
    """Why there was no examination, but for what stands at a place."""
    places: tuple[SourceLocation, ...]
    """Of a rejection."""


@dataclass(frozen=True, kw_only=True)
class PageCriteria:
    """The criteria, by what became of them."""

    lost: tuple[Line, ...]
    folded: tuple[Fold, ...]
    """What was not reached, by what it rests on."""
    not_reached: int
    """How many criteria were not."""
    passed: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """Everything that the template may use."""

    report: GradeReport
    verdict: PageVerdict
    criteria: PageCriteria
    areas: tuple[Area, ...]
    bars: tuple[Bar, ...]
    log: str
    began: str
    seconds: float


def page_of(report: GradeReport) -> ReportPage:
    """Return what the page of `report` shows."""
    rows = every_row(report)
    return ReportPage(
        report=report,
        verdict=_page_verdict(report),
        criteria=_page_criteria(report, rows),
        areas=tuple(_areas(rows)) if isinstance(report, Graded) else (),
        bars=tuple(_bars(report)),
        log=report.log_tail if isinstance(report, Graded) else "",
        began=began(report).strftime("%d %B %Y, %H:%M UTC").lstrip("0"),
        seconds=seconds(report),
    )


def _page_verdict(report: GradeReport) -> PageVerdict:
    kind, name, said = _verdict(report)
    return PageVerdict(
        kind=kind,
        name=name,
        said=said,
        percent=float(report.score.percent) if isinstance(report, Graded) else None,
        score=spoken(report.score.earned) if isinstance(report, Graded) else "",
        reason="" if isinstance(report, Graded) else without_places(reason(report)),
        places=of_sentences(reason(report)) if isinstance(report, Rejected) else (),
    )


def _page_criteria(report: GradeReport, rows: list[Row]) -> PageCriteria:
    lines = [_line(report, *row) for row in rows]
    passed = tuple(line for line in lines if line.outcome.kind is Outcome.PASSED)
    not_reached = [line for line in lines if line.outcome.kind is Outcome.NOT_REACHED]
    return PageCriteria(
        lost=tuple(line for line in lines if line.outcome.kind not in UNLOST),
        folded=tuple(_folds(report, rows)),
        not_reached=len(not_reached),
        passed=passed,
    )


def _verdict(report: GradeReport) -> tuple[str, str, str]:
    match report:
        case Graded():
            mark = f"The pass mark is {report.challenge.pass_mark} %."
            if report.passed:
                return "passed", "Passed", mark
            why = f"{clip(unmet_of(report), 600)}. " if report.required_lost else ""
            return "failed", "Not passed", f"{why}{mark}"
        case Rejected():
            said = "The submission asks for what no exam allows, so nothing of it was run."
            return "rejected", "Rejected", said
        case Ungradable():
            said = "The platform failed. This costs nothing: grade again once it is fixed."
            return "ungradable", "No score", said
        case _:
            assert_never(report)


def _line(report: GradeReport, criterion: Criterion, result: CheckResult) -> Line:
    mark, state = MARKS[result.outcome]
    got = f"{spoken(earned(criterion, result))}/" if not isinstance(report, Ungradable) else ""
    return Line(
        id=criterion.id,
        title=clip(criterion.title, 400),
        points=f"{got}{criterion.points}",
        outcome=OutcomeLabel(mark=mark, state=state, kind=result.outcome),
        rationale=result.rationale,
        hint=hint(criterion, result),
        evidence=parts(result.evidence),
        places=result.locations,
        required=criterion.required,
    )


def _folds(report: GradeReport, rows: list[Row]) -> Iterable[Fold]:
    got = "" if isinstance(report, Ungradable) else "0/"
    for one in fold(rows)[1]:
        lines = tuple(_line(report, *row) for row in one.rows)
        yield Fold(
            sentence=f"{one.sentence}.", points=f"{got}{one.points}", reason=one.reason,
            evidence=one.evidence, lines=lines,
        )  # fmt: skip


def _areas(rows: list[Row]) -> Iterable[Area]:
    """Yield the criteria by the first part of their ids, in their order."""
    got: dict[str, Points] = {}
    possible: dict[str, int] = {}
    for criterion, result in rows:
        name = criterion.id.partition(".")[0]
        got[name] = got.get(name, 0) + earned(criterion, result)
        possible[name] = possible.get(name, 0) + criterion.points
    for name, points in got.items():
        yield Area(
            name=clip(name, 40),
            earned=spoken(points),
            possible=possible[name],
            percent=round(float(points / possible[name] * 100), 1),
        )


def _bars(report: GradeReport) -> Iterable[Bar]:
    whole = seconds(report) or 1.0
    for one in report.provenance.timings:
        length = max(one.end - one.start, 0.0)
        yield Bar(
            phase=clip(one.phase, 40),
            seconds=length,
            left=round(min(one.start / whole * 100, 100.0), 2),
            width=round(min(length / whole * 100, 100.0), 2),
        )
