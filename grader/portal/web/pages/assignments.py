"""One assignment for a student: the brief, handing in, and what was handed in."""

from __future__ import annotations

import secrets

from flask import Blueprint, g, redirect, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from grader.portal.actions.assignment_status import status_of
from grader.portal.actions.grades import grade_in
from grader.portal.actions.hand_in import hand_in
from grader.portal.data.exams import Assignment, ExamVersion
from grader.portal.data.people import Course, User
from grader.portal.data.regrades import no_preview
from grader.portal.data.work import Grading, GradingResult, SubmissionRecord
from grader.portal.rules.allowance import refusal
from grader.portal.rules.late import describe
from grader.portal.rules.roles import Right
from grader.portal.web.access import assignment_for, nowhere
from grader.portal.web.limits import HAND_IN, limiter
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state
from grader.portal.web.uploads import handed_in

blueprint = Blueprint("assignments", __name__)


@blueprint.get("/assignments/<int:number>")
@signed_in
def assignment(number: int) -> Answer:
    """Show the brief, what counts, and the form."""
    with state().database.transaction() as session:
        found = assignment_for(session, viewer(), number, Right.HAND_IN)
        status = status_of(session, found, viewer().id, g.began)
        return page(
            "assignment.html",
            found.title,
            assignment=found,
            course=session.get_one(Course, found.course_id),
            exam=session.get_one(ExamVersion, found.exam_version_id),
            status_of_viewer=status,
            closed=refusal(status),
            late=describe(found.rules.late),
            grade=grade_in(session, found, viewer().id),
            history=history_of(session, found, viewer().id),
            request_key=secrets.token_hex(16),
            manages=viewer().has(Right.SEE_CLASS, found.course_id),
            member=found.course_id in viewer().roles,
            most=state().config.upload_bytes >> 20,
        )


@blueprint.post("/assignments/<int:number>/submissions")
@limiter.limit(HAND_IN)
@signed_in
def send(number: int) -> Response:
    """Hand in. The time that counts is when the request came."""
    with state().database.transaction() as session:
        course = assignment_for(session, viewer(), number, Right.HAND_IN).course_id
    if course not in viewer().roles:  # an administrator may see it, and is no member
        raise nowhere()
    sent = handed_in()
    with state().database.transaction() as session:
        found = assignment_for(session, viewer(), number, Right.HAND_IN)
        made = hand_in(session, session.get_one(User, viewer().id), found, sent, g.began)
        return redirect(url_for("submissions.submission", number=made.id), code=303)


def history_of(
    session: Session, found: Assignment, user_id: int
) -> list[tuple[SubmissionRecord, Grading, GradingResult | None]]:
    """Return what a student has handed in, the latest first, with the result that counts."""
    rows = session.execute(
        select(SubmissionRecord, Grading, GradingResult)
        .join(Grading, Grading.submission_id == SubmissionRecord.id)
        .outerjoin(
            GradingResult,
            (GradingResult.submission_id == SubmissionRecord.id) & GradingResult.counts,
        )
        .where(
            SubmissionRecord.assignment_id == found.id,
            SubmissionRecord.user_id == user_id,
            no_preview(),
        )
        .order_by(SubmissionRecord.number.desc(), Grading.id.desc())
    ).all()
    seen: set[int] = set()
    newest: list[tuple[SubmissionRecord, Grading, GradingResult | None]] = []
    for submission, grading, result in rows:
        if submission.id not in seen:
            seen.add(submission.id)
            newest.append((submission, grading, result))
    return newest
