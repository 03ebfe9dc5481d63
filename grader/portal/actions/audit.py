"""Who did what: written in the transaction of what was done."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from grader.portal.data.operations import AuditEntry
from grader.portal.data.people import User


def record(session: Session, actor: User | None, action: str, subject: str, **data: Any) -> None:
    """Note that `actor`, or the portal itself, did `action` to `subject`."""
    session.add(
        AuditEntry(actor_id=actor.id if actor else None, action=action, subject=subject, data=data)
    )
