"""What people are told: in the portal's own list, and by e-mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from grader.portal.data.base import Key, TableBase, utc_now
from grader.portal.rules.notices import NoticeKind


class Notification(TableBase):
    """Something that one person is told."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_user_id", "user_id", "id"),
        Index("ix_notification_unread", "user_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notification_mail", "mail_due_at",
              postgresql_where=text("mail_due_at IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    kind: Mapped[NoticeKind]
    about: Mapped[str]
    """Like `submission/3`: where it leads."""
    data: Mapped[dict[str, Any]]
    """What its sentence is made of; no reason and no evidence of any criterion."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    read_at: Mapped[datetime | None]
    mail_due_at: Mapped[datetime | None]
    """When it is to be sent, or tried again; None: it was, or will not be."""
    mail_attempts: Mapped[int] = mapped_column(default=0)
    mailed_at: Mapped[datetime | None]
