"""The figures of a class: how the scores lie, what each criterion tells apart, what took time."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.batch.rows import Row, RowState
from grader.model import Challenge, Criterion

BINS = 10
COMMONEST = 10
REASONS = 3


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How the scores lie, in per cent of the points."""

    count: int
    passed: int
    mean: float
    median: float
    deviation: float
    """Of the class, not of a sample."""
    bins: tuple[int, ...]
    """How many lie from 0 up to 10, from 10 up to 20, …; the last one takes 100, too."""


@dataclass(frozen=True, kw_only=True)
class CriterionFigures:
    """One criterion over the class."""

    criterion: Criterion
    passed: float
    """Share of the submissions that passed it, 0 to 1: its difficulty, easy ones near 1."""
    discrimination: float | None
    """Point-biserial correlation of passing it with the rest of the score, -1 to 1; None where all
    passed, nobody did, or all have the same rest. Near 0 it tells good from bad no better than
    chance; below 0 the better ones lose it."""


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What a criterion cost the class."""

    criterion: Criterion
    count: int
    points: Fraction
    """All students' together."""
    reasons: tuple[tuple[str, int], ...]
    """The commonest ones, with how often each was given."""


@dataclass(frozen=True, kw_only=True)
class PhaseFigures:
    """The seconds that a phase took."""

    phase: str
    p50: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All of them."""

    spread: Spread | None
    """None where nothing has a score."""
    criteria: tuple[CriterionFigures, ...]
    losses: tuple[Loss, ...]
    """The most expensive first."""
    phases: tuple[PhaseFigures, ...]
    """In the order of a run; the last one is the whole."""


def figures(challenge: Challenge, rows: Sequence[Row]) -> Figures:
    """Return the figures of `rows`. What was rejected counts in the spread, and in nothing else."""
    graded = [row for row in rows if row.state is RowState.GRADED]
    return Figures(
        spread=_spread(rows),
        criteria=tuple(_criterion(one, graded) for one in challenge.criteria) if graded else (),
        losses=_losses(challenge, graded),
        phases=_phases(graded),
    )


def _spread(rows: Sequence[Row]) -> Spread | None:
    found = [float(row.percent) for row in rows if row.percent is not None]
    if not found:
        return None
    bins = Counter(min(int(percent * BINS / 100), BINS - 1) for percent in found)
    return Spread(
        count=len(found),
        passed=sum(row.passed for row in rows),
        mean=statistics.fmean(found),
        median=statistics.median(found),
        deviation=statistics.pstdev(found),
        bins=tuple(bins[number] for number in range(BINS)),
    )


def _criterion(criterion: Criterion, graded: Sequence[Row]) -> CriterionFigures:
    passed = [float(row.criteria.outcomes.get(criterion.id) == "passed") for row in graded]
    rest = [float((row.earned or 0) - row.criteria.earned.get(criterion.id, 0)) for row in graded]
    return CriterionFigures(
        criterion=criterion,
        passed=statistics.fmean(passed),
        discrimination=_correlation(passed, rest),
    )


def _correlation(first: list[float], second: list[float]) -> float | None:
    try:
        return statistics.correlation(first, second)
    except statistics.StatisticsError:  # one of them is constant, or there are fewer than two
        return None


def _losses(challenge: Challenge, graded: Sequence[Row]) -> tuple[Loss, ...]:
    found = []
    for criterion in challenge.criteria:
        losing = [row for row in graded if criterion.id in row.lost]
        said = Counter(row.criteria.rationales[criterion.id] for row in losing
                       if criterion.id in row.criteria.rationales)  # fmt: skip
        if losing:
            points = sum((criterion.points - row.criteria.earned[criterion.id] for row in losing),
                         start=Fraction(0))  # fmt: skip
            reasons = sorted(said.items(), key=lambda one: (-one[1], one[0]))[:REASONS]
            found.append(Loss(criterion=criterion, count=len(losing), points=points,
                              reasons=tuple(reasons)))  # fmt: skip
    return tuple(sorted(found, key=lambda one: -one.points)[:COMMONEST])


def _phases(graded: Sequence[Row]) -> tuple[PhaseFigures, ...]:
    names = dict.fromkeys(phase for row in graded for phase in row.run.phases)
    taken = {
        name: [row.run.phases[name] for row in graded if name in row.run.phases] for name in names
    }
    if graded:
        taken["the whole run"] = [row.run.seconds for row in graded]
    return tuple(
        PhaseFigures(phase=name, p50=quantile(seconds, 50), p95=quantile(seconds, 95))
        for name, seconds in taken.items()
    )


def quantile(values: Sequence[float], percent: int) -> float:
    """Return the value that `percent` of `values` do not exceed (nearest rank).

    0 where there is none.
    """
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(rank, 1) - 1] if ordered else 0.0
