"""What somebody has handed in, and how two submissions differ."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g
from sqlalchemy.orm import Session

from grader.portal.actions.regrade_preview import counting
from grader.portal.data.exams import Assignment
from grader.portal.data.people import Course, Membership, User
from grader.portal.data.work import SubmissionRecord
from grader.portal.errors import ActionRefused
from grader.portal.rules.roles import Right
from grader.portal.web.access import assignment_for, nowhere, submission_for
from grader.portal.web.pages.assignments import history_of
from grader.portal.web.pages.submissions import view_of
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state
from grader.portal.web.viewing import report_for
from grader.report.compare import compare
from grader.report.json import to_dict

blueprint = Blueprint("history", __name__)


@blueprint.get("/assignments/<int:number>/students/<int:user>")
@signed_in
def student(number: int, user: int) -> Answer:
    """Show an instructor all that a student has handed in."""
    with state().database.transaction() as session:
        found = assignment_for(session, viewer(), number, Right.SEE_CLASS)
        person = session.get(User, user)
        if person is None or session.get(Membership, (found.course_id, user)) is None:
            raise nowhere()
        return page(
            "student.html",
            person.name,
            assignment=found,
            course=session.get_one(Course, found.course_id),
            person=person,
            history=history_of(session, found, user),
        )


@blueprint.get("/submissions/<int:number>/compare/<int:other>")
@signed_in
def comparison(number: int, other: int) -> Answer:
    """Show what the submission `number` gained and lost against the one before, `other`."""
    with state().database.transaction() as session:
        after, assignment = submission_for(session, viewer(), number)
        before, other_assignment = submission_for(session, viewer(), other)
        if other_assignment.id != assignment.id:
            msg = "Only two submissions of one assignment can be compared."
            raise ActionRefused(msg)
        documents = [_document(session, one, assignment) for one in (before, after)]
    return page(
        "comparison.html",
        f"Submissions {before.number} and {after.number}",
        assignment=assignment,
        before=before,
        after=after,
        found=compare(*documents),
    )


def _document(
    session: Session, submission: SubmissionRecord, assignment: Assignment
) -> dict[str, Any]:
    """Return a report as plain values, with what this person may see of it."""
    result = counting(session, submission.id)
    report = result and report_for(
        session, result.grading_id, assignment, view_of(assignment), g.began
    )
    if not report:
        lacks = "no report any more" if result else "no result yet"
        msg = f"Submission {submission.number} has {lacks}, so there is nothing to compare."
        raise ActionRefused(msg)
    return to_dict(report)
