"""A class: who has what, figures with charts, and the grades to take away."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.batch.entry import Entry
from grader.batch.figures import figures
from grader.batch.rows import Row, read_row
from grader.batch.tables import canvas_csv, gradescope_csv, moodle_csv
from grader.model import Challenge
from grader.portal.actions.grades import ClassMember, members_with_grades
from grader.portal.data.exams import ExamVersion
from grader.portal.data.people import Course, User
from grader.portal.data.regrades import no_preview
from grader.portal.data.work import Grading, GradingState, StoredReport, SubmissionRecord
from grader.portal.rules.roles import Right
from grader.portal.web import charts
from grader.portal.web.access import assignment_for, nowhere
from grader.portal.web.gradebook import grades_table
from grader.portal.web.headers import DOWNLOAD
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state
from grader.report.restored import a_challenge_of

blueprint = Blueprint("classes", __name__)

SYSTEMS: dict[str, Callable[[Challenge, Sequence[Row]], str]] = {
    "moodle": moodle_csv,
    "canvas": canvas_csv,
    "gradescope": gradescope_csv,
}


@blueprint.get("/assignments/<int:number>/class")
@signed_in
def class_page(number: int) -> Answer:
    """Show who has what, and the figures."""
    with state().database.transaction() as session:
        found = assignment_for(session, viewer(), number, Right.SEE_CLASS)
        members = members_with_grades(session, found)
        rows, challenge = _rows(session, members)
        times = session.scalars(
            select(SubmissionRecord.received_at).where(SubmissionRecord.assignment_id == found.id)
        ).all()
        known = figures(challenge, rows) if challenge else None
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
        rows, challenge = _rows(session, members_with_grades(session, found), final=True)
        text = SYSTEMS[system](challenge, rows) if challenge else ""
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


def _rows(
    session: Session, members: Sequence[ClassMember], *, final: bool = False
) -> tuple[list[Row], Challenge | None]:
    """Return the members with a result as rows of a batch, and the exam as their reports have it.

    With `final`, their points are those after the late rule and adjustments.
    """
    rows, challenge = [], None
    for one in members:
        if one.grade is None:
            continue
        stored = session.get_one(StoredReport, one.grade.result.grading_id)
        document = json.loads(stored.document)
        challenge = challenge or a_challenge_of(document)
        entry = Entry(
            student=one.user.name, source=one.grade.submission.source["name"],
            email=one.user.email, id=one.number,
        )  # fmt: skip
        row = read_row(entry, document, "")
        rows.append(replace(row, earned=one.grade.counted.points) if final else row)
    return rows, challenge


def _attached(name: str) -> dict[str, str]:
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": DOWNLOAD,
    }
