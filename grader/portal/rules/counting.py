"""Which of a student's results is the grade, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from grader.portal.rules.late import share_kept
from grader.portal.rules.schedule import AssignmentRules, Counting, Dates


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One submission with a result."""

    submission: int
    received: datetime
    earned: Fraction
    """Points, before what being late costs."""
    adjustment: Fraction = Fraction(0)
    """Points that an instructor added or took."""


@dataclass(frozen=True, kw_only=True)
class CountedGrade:
    """The result that counts."""

    submission: int
    points: Fraction
    """After the late rule and adjustments; never below 0."""
    late_share: Fraction
    """The share of the earned points that was kept."""


def counted(one: Scored, rules: AssignmentRules, dates: Dates) -> CountedGrade:
    """Return what one submission comes to."""
    kept = share_kept(rules.late, dates.due, one.received)
    points = max(one.earned * kept + one.adjustment, Fraction(0))
    return CountedGrade(submission=one.submission, points=points, late_share=kept)


def grade_of(scored: Iterable[Scored], rules: AssignmentRules, dates: Dates) -> CountedGrade | None:
    """Return the grade of a student with these results; None where there is none.

    Of equal ones the earlier counts.
    """
    ordered = sorted(scored, key=lambda one: one.received)
    if not ordered:
        return None
    if rules.counting is Counting.LATEST:
        return counted(ordered[-1], rules, dates)
    return max((counted(one, rules, dates) for one in ordered), key=lambda one: one.points)
