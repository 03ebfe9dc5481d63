"""Versions of exams, and assignments of them in courses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, composite, mapped_column

from grader.portal.data.base import WHEN, Key, TableBase, utc_now
from grader.portal.rules.schedule import AssignmentRules, Dates


class ExamVersion(TableBase):
    """An exam as it was at one moment, by its digest."""

    __tablename__ = "exam_version"

    id: Mapped[Key]
    slug: Mapped[str]
    title: Mapped[str]
    version: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    facts: Mapped[dict[str, Any]]
    """The pass mark, the criteria and the time a run is expected to take."""
    brief: Mapped[str]
    """Markdown, as students read it."""
    verified: Mapped[dict[str, Any] | None]
    """How it was proven to be fair; None where nobody has."""
    added_at: Mapped[datetime] = mapped_column(default=utc_now)


class Assignment(TableBase):
    """An exam that a course takes."""

    __tablename__ = "assignment"

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    exam_version_id: Mapped[int] = mapped_column(ForeignKey("exam_version.id"))
    title: Mapped[str]
    dates: Mapped[Dates] = composite(
        Dates,
        mapped_column("opens_at", WHEN, nullable=True),
        mapped_column("due_at", WHEN, nullable=True),
        mapped_column("closes_at", WHEN, nullable=True),
    )
    rule_values: Mapped[dict[str, Any]] = mapped_column("rules")
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    @property
    def rules(self) -> AssignmentRules:
        """What the instructor has set."""
        return AssignmentRules.from_dict(self.rule_values)


class Extension(TableBase):
    """More time for one student."""

    __tablename__ = "extension"
    __table_args__ = (UniqueConstraint("assignment_id", "user_id"),)

    id: Mapped[Key]
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    until: Mapped[datetime]
    why: Mapped[str]
    granted_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    granted_at: Mapped[datetime] = mapped_column(default=utc_now)
