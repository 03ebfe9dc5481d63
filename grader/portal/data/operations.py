"""What operators look at: workers, the queue's clock, and who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from grader.portal.data.base import Key, TableBase, utc_now


class WorkerRecord(TableBase):
    """A process that grades."""

    __tablename__ = "worker"

    id: Mapped[Key]
    name: Mapped[str]
    version: Mapped[str]
    """Of the grader."""
    capabilities: Mapped[dict[str, Any]]
    """The exams that it has, and how many runs it does at a time."""
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    heartbeat_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]


class QueueClock(TableBase):
    """The queue's virtual time; one row, whose id is 1."""

    __tablename__ = "queue_clock"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    virtual: Mapped[int] = mapped_column(BigInteger, default=0)


class Chore(TableBase):
    """Something that the portal does by itself every day, and what it did the last time."""

    __tablename__ = "chore"

    name: Mapped[str] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime]
    said: Mapped[dict[str, Any]]


class AuditEntry(TableBase):
    """Who did what, when. The database refuses to change or delete one."""

    __tablename__ = "audit"

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """None: the portal itself."""
    action: Mapped[str]
    subject: Mapped[str]
    """Like `assignment/3`."""
    data: Mapped[dict[str, Any]]
