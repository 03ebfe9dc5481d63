"""Handing in: submission, grading, job and audit are there together, or not at all."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from grader.portal.actions.assignment_status import status_of
from grader.portal.actions.audit import record
from grader.portal.data.exams import Assignment
from grader.portal.data.people import Membership, User
from grader.portal.data.work import (
    BlobRecord,
    Grading,
    GradingTimes,
    Lease,
    SubmissionRecord,
)
from grader.portal.errors import ActionRefused
from grader.portal.queue import defer, digest_of, place_in_queue
from grader.portal.rules.allowance import refusal
from grader.portal.store import StoredBlob


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """What a student sent."""

    kind: str
    """`archive`, `folder` or `git`."""
    name: str
    """The file's, the folder's, or the address of the repository."""
    ref: str = ""
    """Branch, tag or commit of a repository; empty: its default branch."""
    blob: StoredBlob | None = None
    """None for a repository: a worker fetches it."""
    request_key: str
    """Drawn with the form: what comes twice with the same one is one submission."""


def hand_in(
    session: Session, student: User, assignment: Assignment, sent: HandedIn, received: datetime
) -> SubmissionRecord:
    """Return the new submission, or the one that the same form has made before.

    Raises `ActionRefused` where the student may not hand in now.
    """
    # two tabs and double clicks wait for each other here
    session.get_one(Membership, (assignment.course_id, student.id), with_for_update=True)
    if before := _sent_before(session, student, sent.request_key):
        return before
    if why := refusal(status_of(session, assignment, student.id, received)):
        raise ActionRefused(why)
    # a regrade that is applied at the same moment changes the version before this or after it
    session.refresh(assignment, with_for_update={"read": True})
    submission = _add(session, student, assignment, sent, received)
    grading = new_grading(session, submission, assignment.exam_version_id, received)
    record(
        session, student, "hand in", f"submission/{submission.id}",
        assignment=assignment.id, number=submission.number, digest=submission.blob_digest or "",
    )  # fmt: skip
    digest = digest_of(session, grading)
    place_in_queue(session, grading, assignment.course_id, student.id)
    defer(session, grading, digest)
    return submission


def new_grading(
    session: Session, submission: SubmissionRecord, exam_version_id: int, now: datetime
) -> Grading:
    """Return a new grading of `submission`, queued without a job yet."""
    grading = Grading(
        submission_id=submission.id,
        exam_version_id=exam_version_id,
        seed=secrets.randbelow(2**32),
        lease=Lease(None, None, None),
        times=GradingTimes(now, None, None),
    )
    session.add(grading)
    session.flush()
    return grading


def _sent_before(session: Session, student: User, request_key: str) -> SubmissionRecord | None:
    return session.scalar(
        select(SubmissionRecord).where(
            SubmissionRecord.user_id == student.id, SubmissionRecord.request_key == request_key
        )
    )


def _add(
    session: Session, student: User, assignment: Assignment, sent: HandedIn, received: datetime
) -> SubmissionRecord:
    highest = session.scalar(
        select(func.max(SubmissionRecord.number)).where(
            SubmissionRecord.assignment_id == assignment.id,
            SubmissionRecord.user_id == student.id,
        )
    )
    if sent.blob is not None:
        session.execute(
            insert(BlobRecord)
            .values(digest=sent.blob.digest, size=sent.blob.size, kept_at=received)
            .on_conflict_do_update(
                index_elements=[BlobRecord.digest], set_={"kept_at": received, "deleted_at": None}
            )
        )
    submission = SubmissionRecord(
        assignment_id=assignment.id,
        user_id=student.id,
        number=(highest or 0) + 1,
        source={"kind": sent.kind, "name": sent.name, "ref": sent.ref},
        blob_digest=sent.blob.digest if sent.blob else None,
        received_at=received,
        request_key=sent.request_key,
    )
    session.add(submission)
    session.flush()
    return submission
