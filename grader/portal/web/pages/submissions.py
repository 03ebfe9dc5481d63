"""One submission: what became of it, its report, its receipt, and what was handed in."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from grader.model import GradeReport
from grader.portal.actions.grades import adjust, adjustments_of
from grader.portal.actions.receipt import receipt_of
from grader.portal.actions.regrade import grade_again, not_kept
from grader.portal.actions.regrade_preview import counting
from grader.portal.actions.withdraw import withdraw
from grader.portal.data.exams import Assignment
from grader.portal.data.people import Course, User
from grader.portal.data.work import OPEN_STATES, SubmissionRecord
from grader.portal.errors import ActionRefused
from grader.portal.receipts import sign
from grader.portal.rules.allowance import shown_time
from grader.portal.rules.roles import Right
from grader.portal.web.access import nowhere, submission_for
from grader.portal.web.headers import DOWNLOAD, REPORT
from grader.portal.web.pages.live import live_values
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state
from grader.portal.web.viewing import newest_grading, one_before, report_for, results_of
from grader.report.formats import render
from grader.report.view import View, headline

blueprint = Blueprint("submissions", __name__)


def view_of(assignment: Assignment) -> View:
    """Return whose eyes the viewer has in a course."""
    sees = viewer().has(Right.SEE_CLASS, assignment.course_id)
    return View.INSTRUCTOR if sees else View.STUDENT


@blueprint.get("/submissions/<int:number>")
@signed_in
def submission(number: int) -> Answer:
    """Show what became of it; while it is graded, as it comes."""
    with state().database.transaction() as session:
        found, assignment = submission_for(session, viewer(), number)
        grading = newest_grading(session, found)
        result = counting(session, found.id)
        report = result and report_for(
            session, result.grading_id, assignment, view_of(assignment), g.began
        )
        return page(
            "submission.html",
            f"Submission {found.number}",
            submission=found,
            assignment=assignment,
            course=session.get_one(Course, assignment.course_id),
            owner=session.get_one(User, found.user_id),
            grading=grading,
            result=result,
            headline=headline(report) if report else "",
            before=one_before(session, found) if result else None,
            results=results_of(session, found, view_of(assignment)),
            open=grading.state in OPEN_STATES,
            adjustments=adjustments_of(session, [found.id]).get(found.id, ()),
            own=found.user_id == viewer().id,
            manages=viewer().has(Right.MANAGE, assignment.course_id),
            sees_class=viewer().has(Right.SEE_CLASS, assignment.course_id),
            **live_values(session, grading),
        )


@blueprint.get("/submissions/<int:number>/report")
@signed_in
def report(number: int) -> Answer:
    """Show the report, as this person may see it."""
    with state().database.transaction() as session:
        found, assignment = submission_for(session, viewer(), number)
        result = counting(session, found.id)
        if result is None:
            raise nowhere()
        return _shown(
            report_for(session, result.grading_id, assignment, view_of(assignment), g.began)
        )


@blueprint.get("/submissions/<int:number>/report/<int:grading>")
@signed_in
def one_result(number: int, grading: int) -> Answer:
    """Show the report of one of its results, which may have been replaced by another."""
    with state().database.transaction() as session:
        found, assignment = submission_for(session, viewer(), number)
        view = view_of(assignment)
        theirs = {one.grading_id for one, _ in results_of(session, found, view)}
        if grading not in theirs:
            raise nowhere()
        return _shown(report_for(session, grading, assignment, view, g.began))


def _shown(known: GradeReport | None) -> Answer:
    if known is None:
        msg = "This report is not kept any more. The points that it came to are."
        raise ActionRefused(msg)
    return render(known, "html"), 200, {
        "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": REPORT,
    }  # fmt: skip


@blueprint.get("/submissions/<int:number>/receipt")
@signed_in
def receipt(number: int) -> Answer:
    """Give the signed receipt."""
    with state().database.transaction() as session:
        found, _ = submission_for(session, viewer(), number)
        text = sign(receipt_of(session, found), state().key)
    return text, 200, _attached(f"receipt-{number}.json", "application/json")


@blueprint.get("/submissions/<int:number>/source")
@signed_in
def source(number: int) -> Response:
    """Give what was handed in, as an attachment of bytes: a browser shows nothing of it."""
    with state().database.transaction() as session:
        found, _ = submission_for(session, viewer(), number)
        deleted = not_kept(session, found)
    if found.blob_digest is None:
        raise nowhere()
    if deleted is not None:
        msg = f"What was handed in was deleted on {shown_time(deleted)}; its digest is kept."
        raise ActionRefused(msg)
    answer = send_file(
        state().store.path(found.blob_digest), mimetype="application/octet-stream",
        as_attachment=True, download_name=f"submission-{number}.bin",
    )  # fmt: skip
    answer.headers["Content-Security-Policy"] = DOWNLOAD
    return answer


@blueprint.post("/submissions/<int:number>/withdraw")
@signed_in
def send_withdraw(number: int) -> Redirect:
    """Withdraw it; only the person who handed it in can."""
    with state().database.transaction() as session:
        found, _ = submission_for(session, viewer(), number)
        if found.user_id != viewer().id:
            raise nowhere()
        withdraw(session, _actor(session), found, g.began)
    return _back(found)


@blueprint.post("/submissions/<int:number>/adjustments")
@signed_in
def send_adjustment(number: int) -> Redirect:
    """Add points or a comment."""
    with state().database.transaction() as session:
        found, _ = submission_for(session, viewer(), number, right=Right.MANAGE)
        points, comment = request.form.get("points", ""), request.form.get("comment", "")
        adjust(session, _actor(session), found, g.began, points=points, comment=comment)
    return _back(found)


@blueprint.post("/submissions/<int:number>/grade-again")
@signed_in
def send_grade_again(number: int) -> Redirect:
    """Have it graded once more, by the assignment's exam as it is now."""
    with state().database.transaction() as session:
        found, assignment = submission_for(session, viewer(), number, right=Right.MANAGE)
        grade_again(session, _actor(session), found, assignment, g.began)
    return _back(found)


def _actor(session: Session) -> User:
    return session.get_one(User, viewer().id)


def _back(found: SubmissionRecord) -> Redirect:
    return redirect(url_for("submissions.submission", number=found.id), code=303)


def _attached(name: str, kind: str) -> dict[str, str]:
    return {
        "Content-Type": f"{kind}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": DOWNLOAD,
    }
