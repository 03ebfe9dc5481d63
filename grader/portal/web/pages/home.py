"""The first page: a student's exams with their deadlines, and the courses of who teaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, g
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.actions.assignment_status import status_of
from grader.portal.actions.grades import StudentGrade, grade_in
from grader.portal.data.exams import Assignment
from grader.portal.data.people import Course
from grader.portal.rules.allowance import AssignmentStatus, refusal
from grader.portal.web.access import Viewer
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state

blueprint = Blueprint("home", __name__)
LATEST = datetime.max.isoformat()


@dataclass(frozen=True, kw_only=True)
class ExamCard:
    """An assignment on the first page."""

    assignment: Assignment
    course: Course
    status: AssignmentStatus
    closed: str
    """Why nothing can be handed in now; empty where it can."""
    grade: StudentGrade | None


@blueprint.get("/")
@signed_in
def home() -> Answer:
    """Show a person's exams and courses."""
    person = viewer()
    with state().database.transaction() as session:
        cards = _cards(session, person, g.began)
        courses = session.scalars(
            select(Course).where(Course.archived_at.is_(None)).order_by(Course.title)
        ).all()
        mine = [one for one in courses if person.administrator or one.id in person.roles]
    return page("home.html", "My exams", cards=cards, courses=mine)


def _cards(session: Session, person: Viewer, now: datetime) -> list[ExamCard]:
    rows = session.execute(
        select(Assignment, Course)
        .join(Course, Course.id == Assignment.course_id)
        .where(
            Assignment.course_id.in_(list(person.roles)),
            Assignment.published_at.is_not(None),
            Course.archived_at.is_(None),
        )
    ).all()
    cards = []
    for assignment, course in rows:
        status = status_of(session, assignment, person.id, now)
        cards.append(
            ExamCard(
                assignment=assignment, course=course, status=status,
                closed=refusal(status), grade=grade_in(session, assignment, person.id),
            )
        )  # fmt: skip
    return sorted(
        cards,
        key=lambda one: one.status.dates.due.isoformat() if one.status.dates.due else LATEST,
    )
