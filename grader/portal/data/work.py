"""What is handed in, how it is graded, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, composite, mapped_column

from grader.portal.data.base import WHEN, Key, TableBase, utc_now


class GradingState(StrEnum):
    """How far a grading is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    """It has a result."""
    UNREADABLE = "unreadable"
    """What was handed in is no submission; it costs no attempt."""
    FAULT = "platform_fault"
    """The platform failed each time. It costs nobody anything."""
    CANCELLED = "cancelled"


OPEN_STATES = (GradingState.QUEUED, GradingState.RUNNING)


@dataclass(frozen=True)
class Lease:
    """Which worker has a grading, and until when. None: nobody has it."""

    token: str | None
    until: datetime | None
    worker_id: int | None


@dataclass(frozen=True)
class GradingTimes:
    """When a grading was queued, claimed and over."""

    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class SubmissionRecord(TableBase):
    """What one student handed in once."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("assignment_id", "user_id", "number"),
        UniqueConstraint("user_id", "request_key"),
    )

    id: Mapped[Key]
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    number: Mapped[int]
    """Which one it is of the student in the assignment, from 1."""
    source: Mapped[dict[str, Any]]
    """`kind` (archive, folder, git), `name`, and `ref` of a repository."""
    blob_digest: Mapped[str | None] = mapped_column(index=True)
    commit: Mapped[str | None]
    received_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    request_key: Mapped[str]
    """Drawn for each form: what is sent twice with the same one is one submission."""


class BlobRecord(TableBase):
    """A file in the blob store."""

    __tablename__ = "blob"

    digest: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    kept_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]
    """When retention has deleted it; what was said of it stays."""


class Grading(TableBase):
    """One grading of one submission, with as many attempts as the platform needs."""

    __tablename__ = "grading"
    __table_args__ = (Index("ix_grading_open", "state", "tag"),)

    id: Mapped[Key]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    exam_version_id: Mapped[int] = mapped_column(ForeignKey("exam_version.id"))
    seed: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[GradingState] = mapped_column(default=GradingState.QUEUED)
    lease: Mapped[Lease] = composite(
        mapped_column("lease_token", Text, nullable=True),
        mapped_column("lease_until", WHEN, nullable=True),
        mapped_column("worker_id", ForeignKey("worker.id"), nullable=True),
    )
    attempt: Mapped[int] = mapped_column(default=0)
    tag: Mapped[int] = mapped_column(BigInteger, default=0)
    """Its start tag in the queue (see `rules.fairness`)."""
    times: Mapped[GradingTimes] = composite(
        mapped_column("queued_at", WHEN),
        mapped_column("started_at", WHEN, nullable=True),
        mapped_column("ended_at", WHEN, nullable=True),
    )
    reason: Mapped[str] = mapped_column(default="")
    """Why there is no result."""


class GradingEvent(TableBase):
    """Something that a run told; `sequence` grows within a grading."""

    __tablename__ = "grading_event"

    grading_id: Mapped[int] = mapped_column(ForeignKey("grading.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]


class GradingResult(TableBase):
    """What a grading came to. Of a submission, one counts; the others are its history."""

    __tablename__ = "result"
    __table_args__ = (
        Index("ux_result_counts", "submission_id", unique=True, postgresql_where=text("counts")),
    )

    grading_id: Mapped[int] = mapped_column(ForeignKey("grading.id"), primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    verdict: Mapped[str]
    """`graded` or `rejected`."""
    earned: Mapped[str]
    """Exact, like `7/2`."""
    possible: Mapped[int]
    passed: Mapped[bool]
    counts: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    counted_at: Mapped[datetime | None]
    """When it began to count; None for what a regrade has graded and nobody has applied."""


class StoredReport(TableBase):
    """The JSON report of a grading, with all reasons: never shown as it is."""

    __tablename__ = "stored_report"

    grading_id: Mapped[int] = mapped_column(ForeignKey("grading.id"), primary_key=True)
    document: Mapped[str]


class Adjustment(TableBase):
    """Points or a comment by hand, with who and why."""

    __tablename__ = "adjustment"

    id: Mapped[Key]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    points: Mapped[str] = mapped_column(default="0")
    """Exact; added to what was earned."""
    comment: Mapped[str]
    """The student reads it."""
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
