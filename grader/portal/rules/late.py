"""What handing in after the due date costs: nothing, per cent of the points a day, or late days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import assert_never

DAY = timedelta(days=1)


class LateKind(StrEnum):
    """How late submissions are treated between the due date and the closing date."""

    NONE = "none"
    """They count in full."""
    PER_CENT = "per_cent"
    """Each day that has begun takes a share of the points earned."""
    TOKENS = "tokens"
    """Each day that has begun takes one of the course's late days of the student."""


@dataclass(frozen=True, kw_only=True)
class LateRule:
    """The late rule of an assignment."""

    kind: LateKind = LateKind.NONE
    per_cent: int = 0
    """Of the points earned, for each day that has begun; for `PER_CENT`."""
    tokens: int = 0
    """Late days that a student has in all assignments of the course; for `TOKENS`."""


def days_late(due: datetime | None, received: datetime) -> int:
    """Return how many days after `due` have begun at `received`; 0 where it is in time."""
    if due is None or received <= due:
        return 0
    return -(-(received - due) // DAY)


def share_kept(rule: LateRule, due: datetime | None, received: datetime) -> Fraction:
    """Return the share, 0 to 1, of the points earned that count."""
    match rule.kind:
        case LateKind.NONE | LateKind.TOKENS:
            return Fraction(1)
        case LateKind.PER_CENT:
            lost = Fraction(rule.per_cent * days_late(due, received), 100)
            return max(Fraction(1) - lost, Fraction(0))
        case _:
            assert_never(rule.kind)


def describe(rule: LateRule) -> str:
    """Return the rule as a sentence for students."""
    match rule.kind:
        case LateKind.NONE:
            return "Late submissions count in full until the closing date."
        case LateKind.PER_CENT:
            return f"Each day late that has begun costs {rule.per_cent} % of the points earned."
        case LateKind.TOKENS:
            return (
                f"Each day late that has begun uses one late day; you have {rule.tokens} in this "
                "course."
            )
        case _:
            assert_never(rule.kind)
