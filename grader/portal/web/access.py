"""What a person may see and do: every id of a request comes through here.

Who may not know of something is told that there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.data.exams import Assignment
from grader.portal.data.people import Course
from grader.portal.data.regrades import Regrade
from grader.portal.data.work import SubmissionRecord
from grader.portal.errors import NotFound
from grader.portal.rules.roles import CourseRole, Right, may


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who is signed in."""

    id: int
    name: str
    email: str
    administrator: bool = False
    roles: Mapping[int, CourseRole] = field(default_factory=dict)
    """What the person is in each course, by its id."""
    unread: int = 0
    """Notifications."""

    def has(self, right: Right, course_id: int) -> bool:
        """Return whether the person has `right` in a course."""
        return may(self.roles.get(course_id), right, administrator=self.administrator)

    @property
    def teaches(self) -> bool:
        """Whether the person sees a class anywhere."""
        return self.administrator or any(may(role, Right.SEE_CLASS) for role in self.roles.values())


def nowhere() -> NotFound:
    """Return what is raised for what there is not, or what the person may not know of."""
    return NotFound("There is no such thing, or you may not see it.")


def require_administrator(viewer: Viewer) -> None:
    """Raise `NotFound` for everybody else."""
    if not viewer.administrator:
        raise nowhere()


def course_for(session: Session, viewer: Viewer, course_id: int, right: Right) -> Course:
    """Return the course in which the person has `right`. Raises `NotFound`."""
    course = session.get(Course, course_id)
    if course is None or not viewer.has(right, course.id):
        raise nowhere()
    return course


def assignment_for(
    session: Session, viewer: Viewer, assignment_id: int, right: Right
) -> Assignment:
    """Return the assignment; to those who only hand in, published ones alone.

    Raises `NotFound`.
    """
    assignment = session.get(Assignment, assignment_id)
    if assignment is None or not viewer.has(right, assignment.course_id):
        raise nowhere()
    if assignment.published_at is None and not viewer.has(Right.SEE_CLASS, assignment.course_id):
        raise nowhere()
    return assignment


def submission_for(
    session: Session, viewer: Viewer, submission_id: int, *, right: Right | None = None
) -> tuple[SubmissionRecord, Assignment]:
    """Return a submission of the person's own, or of a class that they see.

    With `right`, only to those who have it. Raises `NotFound`.
    """
    row = session.execute(
        select(SubmissionRecord, Assignment)
        .join(Assignment, Assignment.id == SubmissionRecord.assignment_id)
        .where(SubmissionRecord.id == submission_id)
    ).one_or_none()
    if row is None:
        raise nowhere()
    submission, assignment = row
    if right is not None:
        if not viewer.has(right, assignment.course_id):
            raise nowhere()
        return submission, assignment
    own = submission.user_id == viewer.id and assignment.course_id in viewer.roles
    if not own and not viewer.has(Right.SEE_CLASS, assignment.course_id):
        raise nowhere()
    return submission, assignment


def regrade_for(session: Session, viewer: Viewer, regrade_id: int) -> tuple[Regrade, Assignment]:
    """Return a regrade, to who manages its course. Raises `NotFound`."""
    regrade = session.get(Regrade, regrade_id)
    if regrade is None:
        raise nowhere()
    return regrade, assignment_for(session, viewer, regrade.assignment_id, Right.MANAGE)
