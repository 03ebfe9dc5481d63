"""What students have in an assignment: results, adjustments, and the grade that they come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.actions.assignment_status import dates_of
from grader.portal.actions.audit import record
from grader.portal.actions.notify import tell_student
from grader.portal.data.exams import Assignment, Extension
from grader.portal.data.people import Membership, User
from grader.portal.data.work import Adjustment, GradingResult, SubmissionRecord
from grader.portal.errors import ActionRefused
from grader.portal.rules.counting import CountedGrade, Scored, grade_of
from grader.portal.rules.notices import NoticeKind
from grader.portal.rules.roles import CourseRole

MOST_POINTS = 100_000
MOST_COMMENT = 4000


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """A comment, or points, that somebody gave by hand."""

    points: Fraction
    comment: str
    by: str
    """The name of who did it."""
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class StudentGrade:
    """What a student has."""

    counted: CountedGrade
    result: GradingResult
    """Of the submission that counts."""
    submission: SubmissionRecord
    adjustments: tuple[ByHand, ...] = ()

    @property
    def adjustment(self) -> Fraction:
        """Points by hand, all together."""
        return _sum(self.adjustments)


@dataclass(frozen=True, kw_only=True)
class ClassMember:
    """A student of a class, with the grade where there is one."""

    user: User
    number: str
    grade: StudentGrade | None


def grade_in(session: Session, assignment: Assignment, user_id: int) -> StudentGrade | None:
    """Return what one student has; None where there is no result."""
    found = _grades(session, assignment, user_id)
    return found.get(user_id)


def members_with_grades(session: Session, assignment: Assignment) -> list[ClassMember]:
    """Return the students of the course with their grades, by name."""
    grades = _grades(session, assignment, None)
    rows = session.execute(
        select(User, Membership.number)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.course_id == assignment.course_id, Membership.role == CourseRole.STUDENT)
        .order_by(User.name, User.id)
    ).all()
    return [
        ClassMember(user=user, number=number, grade=grades.get(user.id)) for user, number in rows
    ]


def _grades(
    session: Session, assignment: Assignment, user_id: int | None
) -> dict[int, StudentGrade]:
    query = (
        select(SubmissionRecord, GradingResult)
        .join(GradingResult, GradingResult.submission_id == SubmissionRecord.id)
        .where(SubmissionRecord.assignment_id == assignment.id, GradingResult.counts)
    )
    if user_id is not None:
        query = query.where(SubmissionRecord.user_id == user_id)
    rows = session.execute(query).all()
    adjustments = adjustments_of(session, [submission.id for submission, _ in rows])
    theirs: dict[int, list[tuple[SubmissionRecord, GradingResult]]] = defaultdict(list)
    for submission, result in rows:
        theirs[submission.user_id].append((submission, result))
    return {
        user: grade
        for user, results in theirs.items()
        if (grade := _grade(session, assignment, user, results, adjustments)) is not None
    }


def _grade(
    session: Session,
    assignment: Assignment,
    user: int,
    results: Sequence[tuple[SubmissionRecord, GradingResult]],
    adjustments: dict[int, tuple[ByHand, ...]],
) -> StudentGrade | None:
    scored = [
        Scored(
            submission=submission.id, received=submission.received_at,
            earned=Fraction(result.earned),
            adjustment=_sum(adjustments.get(submission.id, ())),
        )
        for submission, result in results
    ]  # fmt: skip
    counted = grade_of(scored, assignment.rules, dates_of(session, assignment, user))
    if counted is None:
        return None
    submission, result = next(one for one in results if one[0].id == counted.submission)
    return StudentGrade(
        counted=counted, result=result, submission=submission,
        adjustments=adjustments.get(submission.id, ()),
    )  # fmt: skip


def _sum(adjustments: Iterable[ByHand]) -> Fraction:
    return sum((one.points for one in adjustments), start=Fraction(0))


def adjustments_of(session: Session, submissions: Sequence[int]) -> dict[int, tuple[ByHand, ...]]:
    """Return what was done by hand to each of `submissions`, the first first."""
    found: dict[int, list[ByHand]] = defaultdict(list)
    for one, name in session.execute(
        select(Adjustment, User.name)
        .join(User, User.id == Adjustment.made_by)
        .where(Adjustment.submission_id.in_(submissions))
        .order_by(Adjustment.id)
    ).all():
        found[one.submission_id].append(
            ByHand(points=Fraction(one.points), comment=one.comment, by=name, made_at=one.made_at)
        )
    return {number: tuple(those) for number, those in found.items()}


def adjust(
    session: Session,
    actor: User,
    submission: SubmissionRecord,
    now: datetime,
    *,
    points: str,
    comment: str,
) -> Adjustment:
    """Add points, or take some, with a comment that says why. Raises `ActionRefused`."""
    try:
        value = Fraction(points.strip().replace(",", ".") or "0")
    except (ValueError, ZeroDivisionError):
        msg = f"{points[:40]!r} is no number of points; write one like 2, -1.5 or 1/2."
        raise ActionRefused(msg) from None
    if abs(value) > MOST_POINTS or value.denominator > MOST_POINTS:
        msg = f"{points[:40]!r} is no plausible number of points."
        raise ActionRefused(msg)
    if not comment.strip():
        msg = "Say why in the comment: the student reads it."
        raise ActionRefused(msg)
    made = Adjustment(
        submission_id=submission.id, points=str(value), comment=comment.strip()[:MOST_COMMENT],
        made_by=actor.id, made_at=now,
    )  # fmt: skip
    session.add(made)
    tell_student(session, NoticeKind.BY_HAND, submission, now)
    record(
        session, actor, "adjust", f"submission/{submission.id}", points=str(value),
        comment=made.comment,
    )  # fmt: skip
    return made


def last_moment(session: Session, assignment: Assignment) -> str | None:
    """Return when the last student's time is over, ISO 8601; None where there is no such moment.

    Criteria that are hidden until the deadline are shown from then on, to everybody at once.
    """
    until = session.scalars(
        select(Extension.until).where(Extension.assignment_id == assignment.id)
    ).all()
    end = assignment.dates.closes or assignment.dates.due
    if end is None:
        return None
    return max([end, *until]).isoformat()
