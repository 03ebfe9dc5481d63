"""The receipt of a submission."""

from __future__ import annotations

from datetime import UTC

from sqlalchemy.orm import Session

from grader.portal.data.exams import Assignment
from grader.portal.data.people import Course, User
from grader.portal.data.work import SubmissionRecord
from grader.portal.receipts import Receipt


def receipt_of(session: Session, submission: SubmissionRecord) -> Receipt:
    """Return what the portal confirms of `submission`."""
    assignment = session.get_one(Assignment, submission.assignment_id)
    ref = submission.source.get("ref")
    return Receipt(
        submission=submission.id,
        number=submission.number,
        course=session.get_one(Course, assignment.course_id).title,
        assignment=assignment.title,
        student=session.get_one(User, submission.user_id).email,
        source=submission.source["name"] + (f"#{ref}" if ref else ""),
        digest=submission.blob_digest or "",
        received=submission.received_at.astimezone(UTC).isoformat(),
    )
