"""A student's result as the tables and the summary take it, read from the report on the shelf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from grader.batch.attempts import Attempt, AttemptEnding
from grader.batch.entry import Entry
from grader.batch.report_store import REPORTS, ReportStore
from grader.report.view import unmet_in
from grader.text import clip


class RowState(StrEnum):
    """What a student has in the end."""

    GRADED = "graded"
    REJECTED = "rejected"
    FAULT = "platform fault"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, kw_only=True)
class RowCriteria:
    """What became of each criterion, by its id."""

    earned: Mapping[str, Fraction] = field(default_factory=dict)
    """Points."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    rationales: Mapping[str, str] = field(default_factory=dict)
    """Why it was lost, as the student reads it."""


@dataclass(frozen=True, kw_only=True)
class RowRun:
    """The run that counts, and where its report is."""

    phases: Mapping[str, float] = field(default_factory=dict)
    """Seconds."""
    seconds: float = 0.0
    """From the beginning of the run to its end."""
    seed: int | None = None
    commit: str = ""
    digest: str = ""
    report: str = ""
    """Seen from the folder of the results."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One student."""

    entry: Entry
    state: RowState
    reason: str = ""
    """Why there is no score, or why it was rejected."""
    earned: Fraction | None = None
    """None where there is no score."""
    possible: int = 0
    passed: bool = False
    unmet: str = ""
    """Which required criteria were lost, so that it is not passed whatever the points; or empty."""
    criteria: RowCriteria = field(default_factory=RowCriteria)
    feedback: tuple[str, ...] = ()
    """A line for each criterion that was lost, as its student may read it."""
    run: RowRun = field(default_factory=RowRun)

    @property
    def percent(self) -> Fraction | None:
        """Share of the points, 0 to 100; None where there is no score."""
        if self.earned is None or not self.possible:
            return None
        return self.earned * 100 / self.possible

    @property
    def lost(self) -> tuple[str, ...]:
        """The criteria that did not pass."""
        return tuple(
            name for name, outcome in self.criteria.outcomes.items() if outcome != "passed"
        )


def row(attempt: Attempt, store: ReportStore) -> Row:
    """Return the row of one attempt.

    A report that counts is read from `store`, and nowhere else.
    """
    if not attempt.counts:
        state = RowState.FAULT if attempt.ending is AttemptEnding.FAULT else RowState.UNREADABLE
        return Row(entry=attempt.entry, state=state, reason=attempt.reason)
    report = store.read(attempt.entry)
    if report is None:  # somebody has taken it away since
        gone = "Its report is gone from the folder; run the same command again."
        return Row(entry=attempt.entry, state=RowState.FAULT, reason=gone)
    return read_row(attempt.entry, report, f"{REPORTS}/{store.path(attempt.entry).name}")


def read_row(entry: Entry, report: Mapping[str, Any], where: str) -> Row:
    """Return the row of `entry` from its report as plain values, which is kept at `where`."""
    criteria, run = report["criteria"], report["run"]
    timings = run["timings"]
    phases: dict[str, float] = {}
    for one in timings:
        phases[one["phase"]] = phases.get(one["phase"], 0.0) + one["end"] - one["start"]
    return Row(
        entry=entry,
        state=RowState(report["verdict"]),
        reason=clip(str(report.get("reason", "")), 1000),
        earned=Fraction(report["score"]["earned"]),
        possible=report["score"]["possible"],
        passed=report["passed"],
        unmet=clip(unmet_in(report), 1000),
        criteria=RowCriteria(
            earned={one["id"]: Fraction(one["earned"]) for one in criteria},
            outcomes={one["id"]: one["outcome"] for one in criteria},
            rationales={
                one["id"]: clip(one["rationale"], 500) for one in criteria if one["rationale"]
            },
        ),
        run=RowRun(
            phases=phases,
            seconds=max((one["end"] for one in timings), default=0.0),
            seed=run["seed"],
            commit=run["submission"]["commit"] or "",
            digest=run["submission"]["digest"],
            report=where,
        ),
    )
