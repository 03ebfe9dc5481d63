"""The API: what `grader submit` uses, with tokens. Its description is served as OpenAPI."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Blueprint, g, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.actions.grades import adjustments_of
from grader.portal.actions.hand_in import HandedIn, hand_in
from grader.portal.actions.regrade_preview import counting
from grader.portal.actions.tokens import Scope, token_owner
from grader.portal.data.exams import Assignment
from grader.portal.data.people import Course, User
from grader.portal.data.work import OPEN_STATES, SubmissionRecord
from grader.portal.rules.roles import Right
from grader.portal.web.access import assignment_for, nowhere, submission_for
from grader.portal.web.limits import HAND_IN, limiter
from grader.portal.web.openapi import description
from grader.portal.web.sessions import viewer, viewer_of
from grader.portal.web.state import state
from grader.portal.web.uploads import archive_of_body
from grader.portal.web.viewing import newest_grading, report_for
from grader.report.json import to_dict
from grader.report.view import View

P = ParamSpec("P")
Document = tuple[dict[str, Any], int]

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


def with_token(scope: Scope) -> Callable[[Callable[P, Document]], Callable[P, Document]]:
    """Have a view require a token of `scope`."""

    def decorate(view: Callable[P, Document]) -> Callable[P, Document]:
        @wraps(view)
        def guarded(*args: P.args, **more: P.kwargs) -> Document:
            kind, _, token = request.headers.get("Authorization", "").partition(" ")
            with state().database.transaction() as session:
                found = token_owner(session, token.strip(), g.began) if kind == "Bearer" else None
                if found is None:
                    said = "Send a token that is valid: Authorization: Bearer TOKEN; see /tokens."
                    return {"error": said}, 401
                g.viewer = viewer_of(session, found[0])
            if scope not in found[1]:
                return {"error": f"This token lacks the scope {scope}; make another one."}, 403
            return view(*args, **more)

        return guarded

    return decorate


@blueprint.get("/openapi.json")
def openapi() -> Document:
    """Describe the API."""
    return description(), 200


@blueprint.get("/assignments")
@with_token(Scope.READ)
def assignments() -> Document:
    """List the assignments that the person may see as a student."""
    with state().database.transaction() as session:
        rows = session.execute(
            select(Assignment, Course)
            .join(Course, Course.id == Assignment.course_id)
            .where(
                Assignment.course_id.in_(list(viewer().roles)),
                Assignment.published_at.is_not(None),
            )
            .order_by(Assignment.id)
        ).all()
        return {"assignments": [_assignment(one, course) for one, course in rows]}, 200


@blueprint.post("/assignments/<int:number>/submissions")
@limiter.limit(HAND_IN)
@with_token(Scope.SUBMIT)
def send(number: int) -> Document:
    """Hand in the archive that is the request's body."""
    with state().database.transaction() as session:
        assignment_for(session, viewer(), number, Right.HAND_IN)
    sent: HandedIn = archive_of_body()
    with state().database.transaction() as session:
        found = assignment_for(session, viewer(), number, Right.HAND_IN)
        if found.course_id not in viewer().roles:
            raise nowhere()
        made = hand_in(session, session.get_one(User, viewer().id), found, sent, g.began)
        return _submission(session, made), 201


@blueprint.get("/submissions/<int:number>")
@with_token(Scope.READ)
def submission(number: int) -> Document:
    """Say how far one of the person's own submissions is."""
    with state().database.transaction() as session:
        return _submission(session, _own(session, number)[0]), 200


@blueprint.get("/submissions/<int:number>/report")
@with_token(Scope.READ)
def report(number: int) -> Document:
    """Give its report in the published form, as a student may see it."""
    with state().database.transaction() as session:
        found, assignment = _own(session, number)
        result = counting(session, found.id)
        known = result and report_for(session, result.grading_id, assignment, View.STUDENT, g.began)
    if not known:
        said = "Its report is not kept any more." if result else "There is no result yet."
        return {"error": f"{said} Ask for the submission's state."}, 404
    return to_dict(known), 200


def _own(session: Session, number: int) -> tuple[SubmissionRecord, Assignment]:
    found, assignment = submission_for(session, viewer(), number)
    if found.user_id != viewer().id:
        raise nowhere()
    return found, assignment


def _assignment(one: Assignment, course: Course) -> dict[str, Any]:
    dates = one.dates
    return {
        "id": one.id,
        "title": one.title,
        "course": course.title,
        "opens": dates.opens and dates.opens.isoformat(),
        "due": dates.due and dates.due.isoformat(),
        "closes": dates.closes and dates.closes.isoformat(),
    }


def _submission(session: Session, one: SubmissionRecord) -> dict[str, Any]:
    grading, result = newest_grading(session, one), counting(session, one.id)
    return {
        "id": one.id,
        "number": one.number,
        "received": one.received_at.isoformat(),
        "digest": one.blob_digest,
        "state": str(grading.state),
        "over": grading.state not in OPEN_STATES,
        "passed": result.passed if result else None,
        "earned": result.earned if result else None,
        "possible": result.possible if result else None,
        "by_hand": [
            {"points": str(made.points), "comment": made.comment, "by": made.by}
            for made in adjustments_of(session, [one.id]).get(one.id, ())
        ],
        "page": url_for("submissions.submission", number=one.id, _external=True),
    }
