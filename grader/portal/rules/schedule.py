"""When an assignment takes submissions, and what an assignment's rules are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from grader.portal.rules.late import LateKind, LateRule


@dataclass(frozen=True)  # in the order of its columns
class Dates:
    """When an assignment opens, is due and closes. None: there is no such moment."""

    opens: datetime | None = None
    due: datetime | None = None
    closes: datetime | None = None

    def extended(self, until: datetime | None) -> Dates:
        """Return the dates of a student whose due date is `until`; no date becomes an earlier one.

        The closing date moves with it.
        """
        if until is None or self.due is None or until <= self.due:
            return self
        closes = self.closes and max(self.closes, until)
        return replace(self, due=until, closes=closes)


class Counting(StrEnum):
    """Which of a student's results is the grade."""

    BEST = "best"
    LATEST = "latest"


@dataclass(frozen=True, kw_only=True)
class AssignmentRules:
    """What an instructor has set for an assignment beyond its dates."""

    late: LateRule = field(default_factory=LateRule)
    attempts: int | None = None
    """How many submissions may be graded for each student; None: any number."""
    cool_down: int = 0
    """Seconds between two submissions of one student."""
    counting: Counting = Counting.BEST

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for the database."""
        return {
            "late": {
                "kind": str(self.late.kind),
                "per_cent": self.late.per_cent,
                "tokens": self.late.tokens,
            },
            "attempts": self.attempts,
            "cool_down": self.cool_down,
            "counting": str(self.counting),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> AssignmentRules:
        """Return the rules that `to_dict` wrote."""
        late = values.get("late", {})
        return cls(
            late=LateRule(
                kind=LateKind(late.get("kind", "none")),
                per_cent=late.get("per_cent", 0),
                tokens=late.get("tokens", 0),
            ),
            attempts=values.get("attempts"),
            cool_down=values.get("cool_down", 0),
            counting=Counting(values.get("counting", "best")),
        )
