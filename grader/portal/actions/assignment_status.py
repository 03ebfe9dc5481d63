"""What is known of a student in an assignment, from the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from grader.portal.data.exams import Assignment, Extension
from grader.portal.data.work import (
    OPEN_STATES,
    Grading,
    GradingResult,
    GradingState,
    SubmissionRecord,
)
from grader.portal.queue import STARTED
from grader.portal.rules.allowance import AssignmentStatus
from grader.portal.rules.late import LateKind, days_late
from grader.portal.rules.schedule import Dates


def dates_of(session: Session, assignment: Assignment, user_id: int) -> Dates:
    """Return the assignment's dates with the student's extension."""
    until = session.scalar(
        select(Extension.until).where(
            Extension.assignment_id == assignment.id, Extension.user_id == user_id
        )
    )
    return assignment.dates.extended(until)


def status_of(
    session: Session, assignment: Assignment, user_id: int, now: datetime
) -> AssignmentStatus:
    """Return what decides whether the student may hand in at `now`."""
    theirs = and_(
        SubmissionRecord.assignment_id == assignment.id, SubmissionRecord.user_id == user_id
    )
    with_grading = select(SubmissionRecord.id).join(
        Grading, Grading.submission_id == SubmissionRecord.id
    )
    used = session.scalar(
        select(func.count()).select_from(
            with_grading.where(theirs, costs_an_attempt()).distinct().subquery()
        )
    )
    under_way = session.scalar(
        select(func.max(SubmissionRecord.number))
        .join(Grading, Grading.submission_id == SubmissionRecord.id)
        .where(theirs, Grading.state.in_(OPEN_STATES), ~has_result())
    )
    return AssignmentStatus(
        now=now,
        dates=dates_of(session, assignment, user_id),
        rules=assignment.rules,
        used=used or 0,
        latest=session.scalar(select(func.max(SubmissionRecord.received_at)).where(theirs)),
        under_way=under_way,
        late_days_used=_late_days(session, assignment, user_id),
    )


def costs_an_attempt() -> ColumnElement[bool]:
    """Return the condition on a grading that makes its submission an attempt.

    What was withdrawn before it began, what the platform failed and what cannot be read cost none.
    """
    return or_(
        Grading.state.in_((*OPEN_STATES, GradingState.DONE)),
        and_(Grading.state == GradingState.CANCELLED, STARTED.is_not(None)),
    )


def has_result() -> ColumnElement[bool]:
    """Return the condition on a submission that it has a result: what is graded again has one."""
    return exists().where(GradingResult.submission_id == SubmissionRecord.id)


def _late_days(session: Session, assignment: Assignment, user_id: int) -> int:
    """Return the late days that the student has used in other assignments of the course."""
    if assignment.rules.late.kind is not LateKind.TOKENS:
        return 0
    others = session.scalars(
        select(Assignment).where(
            Assignment.course_id == assignment.course_id, Assignment.id != assignment.id
        )
    )
    return sum(
        _latest_days(session, other, user_id)
        for other in others
        if other.rules.late.kind is LateKind.TOKENS
    )


def _latest_days(session: Session, assignment: Assignment, user_id: int) -> int:
    latest = session.scalar(
        select(func.max(SubmissionRecord.received_at))
        .join(Grading, Grading.submission_id == SubmissionRecord.id)
        .where(
            SubmissionRecord.assignment_id == assignment.id,
            SubmissionRecord.user_id == user_id,
            costs_an_attempt(),
        )
    )
    return days_late(dates_of(session, assignment, user_id).due, latest) if latest else 0
