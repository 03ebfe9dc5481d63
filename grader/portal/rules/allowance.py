"""Whether a student may hand in now, and if not, why and from when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.portal.rules.late import LateKind, days_late
from grader.portal.rules.schedule import AssignmentRules, Dates


@dataclass(frozen=True, kw_only=True)
class AssignmentStatus:
    """What is known of one student in one assignment."""

    now: datetime
    dates: Dates
    """With the student's extension."""
    rules: AssignmentRules
    used: int = 0
    """Attempts that count. What the platform failed, and what was withdrawn in time, do not."""
    latest: datetime | None = None
    """When the latest submission was received."""
    under_way: int | None = None
    """The number of the submission that is queued or graded right now."""
    late_days_used: int = 0
    """In the other assignments of the course."""

    @property
    def attempts_left(self) -> int | None:
        """How many submissions are left; None: any number."""
        return None if self.rules.attempts is None else max(self.rules.attempts - self.used, 0)


def shown_time(moment: datetime) -> str:
    """Return a moment as sentences have it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def refusal(status: AssignmentStatus) -> str:
    """Return why nothing can be handed in now, as a sentence; empty where it can."""
    return _dates(status) or _attempts(status) or _late_days(status)


def _dates(status: AssignmentStatus) -> str:
    dates, now = status.dates, status.now
    if dates.opens is not None and now < dates.opens:
        return f"This assignment opens on {shown_time(dates.opens)}; hand in from then on."
    if dates.closes is not None and now > dates.closes:
        return (
            f"This assignment closed on {shown_time(dates.closes)}. Ask your instructor for an "
            "extension if you have a reason."
        )
    return ""


def _attempts(status: AssignmentStatus) -> str:
    rules = status.rules
    if status.under_way is not None:
        return (
            f"Your submission {status.under_way} is not graded yet: wait for its result, or "
            "withdraw it, and hand in again."
        )
    if status.attempts_left == 0:
        return (
            f"You have used all {rules.attempts} attempts. Ask your instructor if you have a "
            "reason for another one."
        )
    if rules.cool_down and status.latest is not None:
        free = status.latest + timedelta(seconds=rules.cool_down)
        if status.now < free:
            return (
                f"There have to be {rules.cool_down // 60} minutes between two submissions: hand "
                f"in again from {shown_time(free)} on."
            )
    return ""


def _late_days(status: AssignmentStatus) -> str:
    late = status.rules.late
    if late.kind is not LateKind.TOKENS:
        return ""
    days = days_late(status.dates.due, status.now)
    left = max(late.tokens - status.late_days_used, 0)
    if days > left:
        return (
            f"This would take {days} late days, and you have {left} left. Ask your instructor for "
            "an extension if you have a reason."
        )
    return ""
