"""Withdrawing a submission, and cancelling a grading."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.actions.audit import record
from grader.portal.actions.leases import finish
from grader.portal.data.people import User
from grader.portal.data.work import (
    OPEN_STATES,
    Grading,
    GradingResult,
    GradingState,
    SubmissionRecord,
)
from grader.portal.errors import ActionRefused

WITHDRAWN = "It was withdrawn before there was a result."


def withdraw(session: Session, actor: User, submission: SubmissionRecord, now: datetime) -> bool:
    """End the gradings of `submission` that are under way; their workers notice and stop.

    Return whether it costs no attempt, as none had begun. Raises `ActionRefused` where there is
    nothing to withdraw.
    """
    gradings = session.scalars(
        select(Grading)
        .where(Grading.submission_id == submission.id, Grading.state.in_(OPEN_STATES))
        .with_for_update()
    ).all()
    graded = session.scalar(
        select(GradingResult.grading_id).where(GradingResult.submission_id == submission.id)
    )
    if not gradings or graded is not None:
        msg = "This submission has its result already, so it cannot be withdrawn any more."
        raise ActionRefused(msg)
    free = all(grading.state is GradingState.QUEUED for grading in gradings)
    for grading in gradings:
        finish(grading, GradingState.CANCELLED, now, WITHDRAWN)
    submission.withdrawn_at = now
    record(session, actor, "withdraw", f"submission/{submission.id}", free=free)
    return free
