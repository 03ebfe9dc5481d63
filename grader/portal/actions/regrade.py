"""Grading a submission once more: history stays, and the newest result counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.actions.audit import record
from grader.portal.actions.hand_in import new_grading
from grader.portal.data.exams import Assignment
from grader.portal.data.people import User
from grader.portal.data.regrades import no_preview
from grader.portal.data.work import (
    OPEN_STATES,
    BlobRecord,
    Grading,
    GradingResult,
    SubmissionRecord,
)
from grader.portal.errors import ActionRefused
from grader.portal.queue import behind_live_work, defer, place_in_queue


def not_kept(session: Session, submission: SubmissionRecord) -> datetime | None:
    """Return when what was handed in was deleted; None where it is there."""
    return session.scalar(
        select(BlobRecord.deleted_at).where(BlobRecord.digest == submission.blob_digest)
    )


def grade_again(
    session: Session,
    actor: User,
    submission: SubmissionRecord,
    assignment: Assignment,
    now: datetime,
) -> Grading:
    """Queue a new grading of `submission`: behind all live work, unless it has no result yet.

    Raises `ActionRefused` where one is under way.
    """
    under_way = session.scalar(
        select(Grading.id).where(
            Grading.submission_id == submission.id, Grading.state.in_(OPEN_STATES), no_preview()
        )
    )
    if under_way is not None:
        msg = "It is being graded already; wait for the result."
        raise ActionRefused(msg)
    if not_kept(session, submission) is not None:
        msg = "What was handed in is not kept any more, so it cannot be graded again."
        raise ActionRefused(msg)
    grading = new_grading(session, submission, assignment.exam_version_id, now)
    if session.scalar(
        select(GradingResult.grading_id).where(GradingResult.submission_id == submission.id)
    ):
        behind_live_work(session, grading)
    else:  # the student waits
        place_in_queue(session, grading, assignment.course_id, submission.user_id)
    defer(session, grading)
    record(
        session, actor, "grade again", f"submission/{submission.id}", grading=grading.id,
        exam_version=assignment.exam_version_id,
    )  # fmt: skip
    return grading
