"""Regrades: an assignment by another version of its exam, looked at before it counts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from grader.portal.actions import regrading
from grader.portal.actions.regrade_preview import PreviewLine, criterion_totals, preview_of
from grader.portal.data.exams import Assignment, ExamVersion
from grader.portal.data.operations import WorkerRecord
from grader.portal.data.people import Course, User
from grader.portal.data.regrades import Regrade, RegradeScope
from grader.portal.errors import ActionRefused
from grader.portal.queue import SILENT
from grader.portal.rules.roles import Right
from grader.portal.web.access import assignment_for, regrade_for
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state
from grader.portal.web.viewing import report_for
from grader.report.compare import Comparison, compare
from grader.report.json import to_dict
from grader.report.view import View

blueprint = Blueprint("regrades", __name__)

SHOWN = 20
"""Submissions of a preview whose evidence is shown on one page."""


@blueprint.get("/assignments/<int:number>/regrade")
@signed_in
def regrades(number: int) -> Answer:
    """Show the regrades of an assignment, and the form of a new one."""
    return _regrades(number)


def _regrades(number: int, *, status: int = 200, said: str = "") -> Answer:
    with state().database.transaction() as session:
        found = assignment_for(session, viewer(), number, Right.MANAGE)
        past = session.execute(
            select(Regrade, ExamVersion, User)
            .join(ExamVersion, ExamVersion.id == Regrade.exam_version_id)
            .join(User, User.id == Regrade.begun_by)
            .where(Regrade.assignment_id == found.id)
            .order_by(Regrade.id.desc())
        ).all()
        return page(
            "regrades.html",
            f"Regrade {found.title}",
            status=status,
            assignment=found,
            course=session.get_one(Course, found.course_id),
            exam=session.get_one(ExamVersion, found.exam_version_id),
            versions=regrading.versions_of(session, found),
            here=_digests_here(session),
            used=regrading.versions_used(session, found),
            current=regrading.open_regrade(session, found.id),
            past=past,
            said=said,
            typed=request.form,
        )


@blueprint.post("/assignments/<int:number>/regrade")
@signed_in
def begin(number: int) -> Response | Answer:
    """Begin one; where something is missing, what was typed is kept."""
    version, scope = request.form.get("exam", ""), request.form.get("scope", "")
    try:
        with state().database.transaction() as session:
            found = assignment_for(session, viewer(), number, Right.MANAGE)
            made = regrading.begin(
                session, _actor(session), found, g.began,
                exam_version_id=int(version[:18]) if version.isascii() and version.isdigit() else 0,
                scope=RegradeScope.ALL if scope == RegradeScope.ALL else RegradeScope.COUNTING,
                why=request.form.get("why", ""),
            )  # fmt: skip
    except ActionRefused as error:
        return _regrades(number, status=400, said=str(error))
    return _to(made.id)


@blueprint.get("/regrades/<int:number>")
@signed_in
def preview(number: int) -> Answer:
    """Show what it changes: in all, for each criterion, and for each submission with evidence."""
    first = request.args.get("from", "0")
    start = int(first[:9]) if first.isascii() and first.isdigit() else 0
    with state().database.transaction() as session:
        found, assignment = regrade_for(session, viewer(), number)
        known = preview_of(session, found)
        changed = known.changed
        return page(
            "regrade.html",
            f"Regrade of {assignment.title}",
            regrade=found,
            assignment=assignment,
            course=session.get_one(Course, assignment.course_id),
            version=session.get_one(ExamVersion, found.exam_version_id),
            begun_by=session.get_one(User, found.begun_by),
            ended_by=session.get(User, found.ended_by) if found.ended_by else None,
            preview=known,
            criteria=criterion_totals(known.lines),
            shown=[
                (line, _compared(session, assignment, line))
                for line in changed[start : start + SHOWN]
            ],
            start=start,
            step=SHOWN,
            missing=regrading.missing(session, found, assignment) if found.ended_at is None else [],
        )


@blueprint.post("/regrades/<int:number>/take-in")
@signed_in
def send_take_in(number: int) -> Response:
    """Grade what came since, too, and what the platform failed."""
    with state().database.transaction() as session:
        found, _ = regrade_for(session, viewer(), number)
        regrading.take_in(session, _actor(session), found, g.began)
    return _to(number)


@blueprint.post("/regrades/<int:number>/apply")
@signed_in
def send_apply(number: int) -> Response:
    """Let it count."""
    with state().database.transaction() as session:
        found, _ = regrade_for(session, viewer(), number)
        seen = request.form.get("seen", "")
        regrading.apply(session, _actor(session), found, g.began, seen=seen)
    return _to(number)


@blueprint.post("/regrades/<int:number>/drop")
@signed_in
def send_drop(number: int) -> Response:
    """End it; nothing of it counts."""
    with state().database.transaction() as session:
        found, _ = regrade_for(session, viewer(), number)
        regrading.drop(session, _actor(session), found, g.began)
    return _to(number)


def _compared(session: Session, assignment: Assignment, line: PreviewLine) -> Comparison | None:
    """Return how the two reports of a submission differ, with all reasons."""
    documents: list[dict[str, Any]] = []
    for result in (line.before, line.after):
        report = result and report_for(
            session, result.grading_id, assignment, View.INSTRUCTOR, g.began
        )
        if not report:
            return None
        documents.append(to_dict(report))
    return compare(*documents)


def _digests_here(session: Session) -> set[str]:
    """Return the versions that a worker has which lives."""
    found = session.scalars(
        select(WorkerRecord.capabilities).where(
            WorkerRecord.ended_at.is_(None), WorkerRecord.heartbeat_at > g.began - SILENT
        )
    )
    return {digest for one in found for digest in one.get("digests", ())}


def _actor(session: Session) -> User:
    return session.get_one(User, viewer().id)


def _to(number: int) -> Response:
    return redirect(url_for("regrades.preview", number=number), code=303)
