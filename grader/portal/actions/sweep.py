"""Gradings whose worker is gone go back to the queue; after three attempts the platform failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from grader.portal.actions.audit import record
from grader.portal.actions.leases import finish, put_back
from grader.portal.actions.notify import regrade_of, tell_of_fault, tell_of_regrade
from grader.portal.data.work import Grading, GradingState
from grader.portal.queue import defer

MOST_ATTEMPTS = 3
GAVE_UP = (
    "The platform failed three times while it graded this. It costs no attempt; the instructor has "
    "been told, and can have it graded again."
)
DEAD_JOBS = text(
    """
    SELECT procrastinate_finish_job_v1(job.id, 'failed', true)
    FROM procrastinate_jobs AS job
    LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'doing'
      AND (worker.id IS NULL OR worker.last_heartbeat < now() - interval '30 seconds')
    """
)
"""Ends the jobs that a dead worker had: what they were for is in the grading table."""
WITHOUT_JOB = text(
    """
    SELECT grading.id FROM grading
    WHERE grading.state = 'queued' AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs AS job
        WHERE job.status IN ('todo', 'doing')
          AND job.args ->> 'grading_id' = grading.id::text
    )
    """
)


@dataclass(frozen=True, kw_only=True)
class SweepReport:
    """What a sweep did."""

    returned: tuple[int, ...] = ()
    """Gradings that are queued again."""
    failed: tuple[int, ...] = ()
    """Gradings that the platform has failed for good."""


def sweep(session: Session, now: datetime) -> SweepReport:
    """Hand back gradings whose lease is over, and those whose job is gone."""
    session.execute(DEAD_JOBS)
    until = Grading.__table__.c.lease_until
    stalled = session.scalars(
        select(Grading)
        .where(Grading.state == GradingState.RUNNING, until < now)
        .with_for_update(skip_locked=True)
    ).all()
    returned, failed = [], []
    for grading in stalled:
        if fail_or_put_back(session, grading, now, GAVE_UP):
            failed.append(grading.id)
        else:
            returned.append(grading.id)
    session.flush()
    for (found,) in session.execute(WITHOUT_JOB).all():
        lost = session.get_one(Grading, found, with_for_update={"skip_locked": True})
        defer(session, lost)
        returned.append(found)
    return SweepReport(returned=tuple(returned), failed=tuple(failed))


def fail_or_put_back(session: Session, grading: Grading, now: datetime, reason: str) -> bool:
    """Queue `grading`, which is locked, again; return whether it has failed too often for that."""
    if grading.attempt < MOST_ATTEMPTS:
        put_back(session, grading)
        return False
    finish(grading, GradingState.FAULT, now, reason)
    record(
        session, None, "platform fault", f"grading/{grading.id}", attempts=grading.attempt,
        submission=grading.submission_id, reason=reason,
    )  # fmt: skip
    if regrade := regrade_of(session, grading.id):
        tell_of_regrade(session, regrade, now)
    else:
        tell_of_fault(session, grading, now)
    return True
