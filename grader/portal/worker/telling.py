"""What a run tells, as rows of `grading_event`: nothing of them is a reason or evidence.

A page that follows a run shows phases, and outcomes as they come. Why a criterion was lost is in
the report alone, which knows what is hidden.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from grader.events import (
    CheckFinished,
    Event,
    PhaseFinished,
    PhaseStarted,
    Progressed,
    RunStarted,
)
from grader.portal.actions.leases import Claim, held
from grader.portal.data.database import PortalDatabase
from grader.portal.data.work import GradingEvent
from grader.portal.errors import DatabaseAway
from grader.text import clean, clip

log = logging.getLogger(__name__)

CHANNEL = "grading_event"
MOST_EVENTS = 2000
"""Of one grading; a build that prints without end must not fill the table."""
LONGEST = 200


def told(event: Event) -> tuple[str, dict[str, Any]] | None:
    """Return the kind and the data of an event that is kept; None for others."""
    match event:
        case RunStarted():
            return "started", {"run": event.run}
        case PhaseStarted():
            return "phase", {"name": event.phase, "state": "started"}
        case PhaseFinished():
            seconds = round(event.seconds, 2)
            return "phase", {"name": event.phase, "state": "finished", "seconds": seconds}
        case Progressed():
            return "progress", {"name": event.phase, "said": clip(clean(event.message), LONGEST)}
        case CheckFinished():
            result = event.result
            return "criterion", {"id": result.criterion, "outcome": str(result.outcome)}
        case _:
            return None


def append(session: Session, grading: int, kind: str, data: dict[str, Any]) -> None:
    """Add an event."""
    highest = session.scalar(
        select(func.max(GradingEvent.sequence)).where(GradingEvent.grading_id == grading)
    )
    sequence = (highest or 0) + 1
    if sequence > MOST_EVENTS:
        return
    session.add(GradingEvent(grading_id=grading, sequence=sequence, kind=kind, data=data))
    tell(session, grading)


def tell(session: Session, grading: int) -> None:
    """Wake up whoever waits for news of a grading; NOTIFY carries ids only."""
    session.execute(
        text("SELECT pg_notify(:channel, :id)"), {"channel": CHANNEL, "id": str(grading)}
    )


@dataclass
class Teller:
    """Writes the events of one run, as long as its claim stands."""

    database: PortalDatabase
    claim: Claim
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, event: Event) -> None:
        """Write `event`. A database that is away costs the event, and not the run."""
        kept = told(event)
        if kept is None:
            return
        with self._lock:
            try:
                with self.database.transaction() as session:
                    if held(session, self.claim) is not None:
                        append(session, self.claim.grading, *kept)
            except DatabaseAway as error:
                log.debug("an event is lost: %s", error)
