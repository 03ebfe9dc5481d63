"""A class: who has what, figures with charts, and the grades to take away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.batch.figures import figures
from grader.portal.actions.grades import members_with_grades
from grader.portal.data.exams import ExamVersion
from grader.portal.data.people import Course, User
from grader.portal.data.regrades import no_preview
from grader.portal.data.work import Grading, GradingState, SubmissionRecord
from grader.portal.rules.roles import Right
from grader.portal.web import charts
from grader.portal.web.access import assignment_for, nowhere
from grader.portal.web.class_rows import (
    SYSTEMS,
    class_rows,
    grades_for_system,
    with_criteria,
)
from grader.portal.web.gradebook import grades_table
from grader.portal.web.headers import DOWNLOAD
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state

blueprint = Blueprint("classes", __name__)


@blueprint.get("/assignments/<int:number>/class")
@signed_in
def class_page(number: int) -> Answer:
    """Show who has what, and the figures."""
    with state().database.transaction() as session:
        found = assignment_for(session, viewer(), number, Right.SEE_CLASS)
        members = members_with_grades(session, found)
        rows, challenge = class_rows(session, members)
        times = session.scalars(
            select(SubmissionRecord.received_at).where(SubmissionRecord.assignment_id == found.id)
        ).all()
        known = figures(challenge, with_criteria(rows)) if challenge else None
        return page(
            "class.html",
            f"{found.title}: the class",
            assignment=found,
            course=session.get_one(Course, found.course_id),
            exam=session.get_one(ExamVersion, found.exam_version_id),
            members=members,
            figures=known,
            distribution=charts.distribution(known.spread.bins) if known and known.spread else "",
            criteria=charts.criteria(known.criteria) if known else "",
            over_time=charts.over_time(times, found.dates.due),
            days=charts.days(times),
            systems=sorted(SYSTEMS),
            faults=_faults(session, found.id),
        )


@blueprint.get("/assignments/<int:number>/grades.csv")
@signed_in
def grades(number: int) -> Answer:
    """Give all grades, with what being late cost and what was changed by hand."""
    with state().database.transaction() as session:
        found = assignment_for(session, viewer(), number, Right.SEE_CLASS)
        exam = session.get_one(ExamVersion, found.exam_version_id)
        text = grades_table(members_with_grades(session, found), exam.facts["pass_mark"])
    return text, 200, _attached(f"grades-{number}.csv")


@blueprint.get("/assignments/<int:number>/grades-<system>.csv")
@signed_in
def grades_for(number: int, system: str) -> Answer:
    """Give the grades as a course system reads them."""
    if system not in SYSTEMS:
        raise nowhere()
    with state().database.transaction() as session:
        found = assignment_for(session, viewer(), number, Right.SEE_CLASS)
        text = grades_for_system(session, found, system, g.began)
    return text, 200, _attached(f"grades-{number}-{system}.csv")


def _faults(session: Session, assignment_id: int) -> list[Any]:
    """Return the submissions whose latest grading the platform failed."""
    newest = (
        select(func.max(Grading.id))
        .where(Grading.submission_id == SubmissionRecord.id, no_preview())
        .correlate(SubmissionRecord)
        .scalar_subquery()
    )
    return list(
        session.execute(
            select(SubmissionRecord, User, Grading)
            .join(User, User.id == SubmissionRecord.user_id)
            .join(Grading, Grading.id == newest)
            .where(
                SubmissionRecord.assignment_id == assignment_id,
                Grading.state == GradingState.FAULT,
            )
            .order_by(SubmissionRecord.id)
        ).all()
    )


def _attached(name: str) -> dict[str, str]:
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": DOWNLOAD,
    }
