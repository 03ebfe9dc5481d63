"""For administrators: the queue, the workers, the audit, courses and exams."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from flask import Blueprint, g, redirect, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from grader.portal.actions.audit import record
from grader.portal.actions.roster import enrol, read_roster_table
from grader.portal.care.mailing import waiting_mails
from grader.portal.care.retention import last_run
from grader.portal.data.exams import Assignment, ExamVersion
from grader.portal.data.operations import AuditEntry, WorkerRecord
from grader.portal.data.people import Course, User
from grader.portal.data.work import OPEN_STATES, Grading, GradingState, SubmissionRecord
from grader.portal.errors import ActionRefused
from grader.portal.queue import SILENT
from grader.portal.rules.fairness import is_regrade
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import administrators, viewer
from grader.portal.web.state import state
from grader.text import clean, clip

blueprint = Blueprint("operators", __name__)

SHOWN = 100
LATELY = timedelta(days=1)
MOST_WEIGHT = 100


@blueprint.get("/operations")
@administrators
def operations() -> Answer:
    """Show the queue, the workers, courses and exams."""
    return _operations()


def _operations(*, status: int = 200, said: str = "") -> Answer:
    with state().database.transaction() as session:
        queue = session.execute(
            select(Grading, SubmissionRecord, Assignment, Course)
            .join(SubmissionRecord, SubmissionRecord.id == Grading.submission_id)
            .join(Assignment, Assignment.id == SubmissionRecord.assignment_id)
            .join(Course, Course.id == Assignment.course_id)
            .where(Grading.state.in_(OPEN_STATES))
            .order_by(Grading.tag, Grading.id)
            .limit(SHOWN)
        ).all()
        faults = session.execute(
            select(Grading, SubmissionRecord)
            .join(SubmissionRecord, SubmissionRecord.id == Grading.submission_id)
            .where(Grading.state == GradingState.FAULT)
            .order_by(Grading.id.desc())
            .limit(SHOWN)
        ).all()
        waiting = session.scalar(
            select(func.count()).select_from(Grading).where(Grading.state.in_(OPEN_STATES))
        )
        return page(
            "operations.html",
            "Operations",
            status=status,
            queue=queue,
            is_regrade=is_regrade,
            waiting=waiting,
            faults=faults,
            workers=session.scalars(
                select(WorkerRecord)
                .where(WorkerRecord.heartbeat_at > g.began - LATELY)
                .order_by(WorkerRecord.id.desc())
                .limit(SHOWN)
            ).all(),
            silent=g.began - SILENT,
            courses=session.scalars(select(Course).order_by(Course.title)).all(),
            exams=session.scalars(
                select(ExamVersion).order_by(ExamVersion.title, ExamVersion.id.desc())
            ).all(),
            mails=waiting_mails(session) if state().config.mail else None,
            keep=asdict(state().config.keep),
            tidied=last_run(session),
            said=said,
            typed=request.form,
        )


@blueprint.post("/operations/courses")
@administrators
def add_course() -> Response | Answer:
    """Make a course with its first instructor."""
    title = clip(clean(request.form.get("title", "")).strip(), 200)
    weight, email = request.form.get("weight", "1"), request.form.get("email", "")
    name = request.form.get("name", "")
    try:
        if not title or not weight.isdigit() or not 1 <= int(weight[:9]) <= MOST_WEIGHT:
            msg = f"A course has a title, and a weight from 1 to {MOST_WEIGHT}."
            raise ActionRefused(msg)
        with state().database.transaction() as session:
            actor = session.get_one(User, viewer().id)
            course = Course(title=title, weight=int(weight))
            session.add(course)
            session.flush()
            record(session, actor, "add course", f"course/{course.id}", title=title)
            rows = read_roster_table(_line(("email", "name", "role"), (email, name, "instructor")))
            invited = enrol(
                session, actor, course, rows, g.began, links=state().config.sign_in.local
            )
    except ActionRefused as error:
        return _operations(status=400, said=str(error))
    if not invited:
        return redirect(url_for("courses.course", number=course.id), code=303)
    return page("invited.html", "Added to the course", course=course, invited=invited)


@blueprint.post("/operations/exams/<int:number>/verified")
@administrators
def vouch(number: int) -> Response:
    """Note that an administrator has seen `grader verify` hold for an exam."""
    with state().database.transaction() as session:
        exam = session.get(ExamVersion, number)
        if exam is None or exam.verified is not None:
            msg = "There is no such exam that is not verified yet."
            raise ActionRefused(msg)
        exam.verified = {"how": "operator", "by": viewer().email, "at": g.began.isoformat()}
        actor = session.get_one(User, viewer().id)
        record(session, actor, "vouch for exam", f"exam_version/{exam.id}", digest=exam.digest)
    return redirect(url_for("operators.operations") + "#exams", code=303)


@blueprint.get("/operations/audit")
@administrators
def audit() -> Answer:
    """Show who did what, the latest first."""
    before = request.args.get("before", "")
    query = (
        select(AuditEntry, User)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .order_by(AuditEntry.id.desc())
        .limit(SHOWN)
    )
    if before.isascii() and before.isdigit():
        query = query.where(AuditEntry.id < int(before[:18]))
    with state().database.transaction() as session:
        entries = session.execute(query).all()
    return page("audit.html", "Audit", entries=entries, full=len(entries) == SHOWN)


def _line(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    """Return a roster of one person."""
    quoted = (f'"{clean(value).replace(chr(34), "").replace(chr(10), " ")}"' for value in values)
    return f"{','.join(names)}\n{','.join(quoted)}\n"
