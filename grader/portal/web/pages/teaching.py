"""Changing an assignment, and extensions."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from grader.portal.actions.assigning import extend_for, read_form, save
from grader.portal.data.exams import ExamVersion, Extension
from grader.portal.data.people import Course, Membership, User
from grader.portal.errors import ActionRefused
from grader.portal.rules.roles import CourseRole, Right
from grader.portal.web.access import assignment_for
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state

blueprint = Blueprint("teaching", __name__)


@blueprint.get("/assignments/<int:number>/edit")
@signed_in
def edit(number: int) -> Answer:
    """Show its form, and the extensions."""
    return _edit(number)


def _edit(number: int, *, status: int = 200, said: str = "") -> Answer:
    with state().database.transaction() as session:
        found = assignment_for(session, viewer(), number, Right.MANAGE)
        students = session.scalars(
            select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.course_id == found.course_id, Membership.role == CourseRole.STUDENT)
            .order_by(User.name, User.id)
        ).all()
        extensions = session.execute(
            select(Extension, User)
            .join(User, User.id == Extension.user_id)
            .where(Extension.assignment_id == found.id)
            .order_by(User.name)
        ).all()
        return page(
            "edit.html",
            f"Change {found.title}",
            status=status,
            assignment=found,
            course=session.get_one(Course, found.course_id),
            exams=session.scalars(
                select(ExamVersion).order_by(ExamVersion.title, ExamVersion.id.desc())
            ).all(),
            students=students,
            extensions=extensions,
            said=said,
            typed=request.form,
        )


@blueprint.post("/assignments/<int:number>/edit")
@signed_in
def send_edit(number: int) -> Response | Answer:
    """Change it; where something is missing, what was typed is kept."""
    try:
        with state().database.transaction() as session:
            found = assignment_for(session, viewer(), number, Right.MANAGE)
            course = session.get_one(Course, found.course_id)
            actor = session.get_one(User, viewer().id)
            sent = read_form(request.form)
            save(session, actor, sent, g.began, course=course, assignment=found)
    except ActionRefused as error:
        return _edit(number, status=400, said=str(error))
    return redirect(url_for("teaching.edit", number=number), code=303)


@blueprint.post("/assignments/<int:number>/extensions")
@signed_in
def send_extension(number: int) -> Response | Answer:
    """Give a student more time."""
    try:
        with state().database.transaction() as session:
            found = assignment_for(session, viewer(), number, Right.MANAGE)
            actor = session.get_one(User, viewer().id)
            extend_for(session, actor, found, request.form, g.began)
    except ActionRefused as error:
        return _edit(number, status=400, said=str(error))
    return redirect(url_for("teaching.edit", number=number) + "#extensions", code=303)
