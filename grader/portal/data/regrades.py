"""Regrades: what submissions come to by another version of an exam, before it counts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, exists, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from grader.portal.data.base import Key, TableBase, utc_now
from grader.portal.data.work import Grading, GradingResult


class RegradeScope(StrEnum):
    """Which submissions a regrade is about."""

    COUNTING = "counting"
    """The one of each student that is the grade."""
    ALL = "all"
    """Each one that has a result."""


class RegradeState(StrEnum):
    """What became of a regrade."""

    OPEN = "open"
    """It is graded and looked at; nothing of it counts."""
    APPLIED = "applied"
    DROPPED = "dropped"


class Regrade(TableBase):
    """Submissions of an assignment, graded by a version of its exam."""

    __tablename__ = "regrade"
    __table_args__ = (
        Index("ux_regrade_open", "assignment_id", unique=True,
              postgresql_where=text("state = 'open'")),
    )  # fmt: skip

    id: Mapped[Key]
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    exam_version_id: Mapped[int] = mapped_column(ForeignKey("exam_version.id"))
    scope: Mapped[RegradeScope]
    why: Mapped[str]
    state: Mapped[RegradeState] = mapped_column(default=RegradeState.OPEN)
    begun_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    begun_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]


class RegradeItem(TableBase):
    """A grading that belongs to a regrade."""

    __tablename__ = "regrade_item"

    grading_id: Mapped[int] = mapped_column(ForeignKey("grading.id"), primary_key=True)
    regrade_id: Mapped[int] = mapped_column(ForeignKey("regrade.id"), index=True)
    summary: Mapped[dict[str, Any] | None]
    """What it changes against the result that counted then; None until it has a result."""


def no_preview() -> ColumnElement[bool]:
    """Return the condition on a grading that it is, or was, for real.

    What a regrade that was not applied has graded is shown in its preview alone.
    """
    return or_(
        ~exists().where(RegradeItem.grading_id == Grading.id).correlate(Grading),
        exists()
        .where(GradingResult.grading_id == Grading.id, GradingResult.counted_at.is_not(None))
        .correlate(Grading),
    )
