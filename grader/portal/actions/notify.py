"""Telling people: a row in the transaction of what happened; mail goes out later, or never."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from grader.portal.data.exams import Assignment
from grader.portal.data.notifications import Notification
from grader.portal.data.people import Membership
from grader.portal.data.regrades import Regrade, RegradeItem
from grader.portal.data.work import OPEN_STATES, Grading, GradingResult, SubmissionRecord
from grader.portal.rules.notices import NoticeKind
from grader.portal.rules.roles import CourseRole


def notify(
    session: Session,
    people: Iterable[int],
    kind: NoticeKind,
    about: str,
    now: datetime,
    **data: Any,
) -> None:
    """Tell each of `people`; they are told by e-mail as well where there is a mail server."""
    session.add_all(
        Notification(
            user_id=one, kind=kind, about=about, data=data, created_at=now, mail_due_at=now
        )
        for one in people
    )


def tell_student(
    session: Session,
    kind: NoticeKind,
    submission: SubmissionRecord,
    now: datetime,
    result: GradingResult | None = None,
) -> None:
    """Tell a student what became of a submission."""
    assignment = session.get_one(Assignment, submission.assignment_id)
    more = (
        {"earned": result.earned, "possible": result.possible, "passed": result.passed}
        if result
        else {}
    )
    notify(
        session, [submission.user_id], kind, f"submission/{submission.id}", now,
        assignment=assignment.title, number=submission.number, **more,
    )  # fmt: skip


def tell_of_fault(session: Session, grading: Grading, now: datetime) -> None:
    """Tell the student, and the instructors: of a whole class at once they get one notification."""
    submission = session.get_one(SubmissionRecord, grading.submission_id)
    tell_student(session, NoticeKind.FAULT, submission, now)
    assignment = session.get_one(Assignment, submission.assignment_id)
    instructors = session.scalars(
        select(Membership.user_id).where(
            Membership.course_id == assignment.course_id,
            Membership.role == CourseRole.INSTRUCTOR,
        )
    ).all()
    about = f"class/{assignment.id}"
    told = {
        one.user_id: one
        for one in session.scalars(
            select(Notification)
            .where(
                Notification.user_id.in_(instructors),
                Notification.kind == NoticeKind.FAULT_IN_CLASS,
                Notification.about == about,
                Notification.read_at.is_(None),
            )
            .with_for_update()
        )
    }
    for one in told.values():
        one.data = one.data | {"count": one.data["count"] + 1}
    others = [one for one in instructors if one not in told]
    notify(
        session, others, NoticeKind.FAULT_IN_CLASS, about, now,
        assignment=assignment.title, count=1,
    )  # fmt: skip


def tell_of_regrade(session: Session, regrade_id: int, now: datetime) -> None:
    """Tell who has begun a regrade once all of it is done."""
    session.flush()
    # of two runs that end at once, the second one waits here, and sees that the first is over
    session.execute(text("SELECT pg_advisory_xact_lock(7351205, :id)"), {"id": regrade_id})
    regrade = session.get_one(Regrade, regrade_id)
    waiting = session.scalar(
        select(func.count())
        .select_from(RegradeItem)
        .join(Grading, Grading.id == RegradeItem.grading_id)
        .where(RegradeItem.regrade_id == regrade_id, Grading.state.in_(OPEN_STATES))
    )
    if not waiting:
        assignment = session.get_one(Assignment, regrade.assignment_id)
        notify(
            session, [regrade.begun_by], NoticeKind.REGRADE_READY, f"regrade/{regrade.id}", now,
            assignment=assignment.title,
        )  # fmt: skip


def regrade_of(session: Session, grading_id: int) -> int | None:
    """Return the regrade that a grading is for; None where it is for real."""
    return session.scalar(
        select(RegradeItem.regrade_id).where(RegradeItem.grading_id == grading_id)
    )


def unread(session: Session, user_id: int) -> int:
    """Return how many notifications a person has not read."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Notification)
            .where(Notification.user_id == user_id, Notification.read_at.is_(None))
        )
        or 0
    )


def mark_read(session: Session, user_id: int, now: datetime, *, until: int) -> None:
    """Note that a person has read all up to the notification `until`."""
    session.execute(
        update(Notification)
        .where(
            Notification.user_id == user_id,
            Notification.id <= until,
            Notification.read_at.is_(None),
        )
        .values(read_at=now)
    )
