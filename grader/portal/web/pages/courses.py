"""A course for who teaches it: its assignments and its people."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from grader.portal.actions.assigning import read_form, save
from grader.portal.actions.roster import enrol, invite, read_roster_table
from grader.portal.data.exams import Assignment, ExamVersion
from grader.portal.data.people import Membership, User
from grader.portal.errors import ActionRefused
from grader.portal.rules.roles import CourseRole, Right
from grader.portal.web.access import course_for, nowhere
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state

blueprint = Blueprint("courses", __name__)


@blueprint.get("/courses/<int:number>")
@signed_in
def course(number: int) -> Answer:
    """Show its assignments and people."""
    return _course(number)


def _course(number: int, *, status: int = 200, said: str = "") -> Answer:
    with state().database.transaction() as session:
        found = course_for(session, viewer(), number, Right.SEE_CLASS)
        people = session.execute(
            select(User, Membership)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.course_id == found.id)
            .order_by(Membership.role, User.name, User.id)
        ).all()
        return page(
            "course.html",
            found.title,
            status=status,
            course=found,
            assignments=session.scalars(
                select(Assignment).where(Assignment.course_id == found.id).order_by(Assignment.id)
            ).all(),
            people=people,
            exams=session.scalars(
                select(ExamVersion).order_by(ExamVersion.title, ExamVersion.id.desc())
            ).all(),
            manages=viewer().has(Right.MANAGE, found.id),
            said=said,
            links=state().config.sign_in.local,
            typed=request.form,
        )


@blueprint.post("/courses/<int:number>/assignments")
@signed_in
def add_assignment(number: int) -> Response | Answer:
    """Make an assignment; where something is missing, what was typed is kept."""
    try:
        with state().database.transaction() as session:
            found = course_for(session, viewer(), number, Right.MANAGE)
            actor = session.get_one(User, viewer().id)
            made = save(session, actor, read_form(request.form), g.began, course=found)
    except ActionRefused as error:
        return _course(number, status=400, said=str(error))
    return redirect(url_for("teaching.edit", number=made.id), code=303)


@blueprint.post("/courses/<int:number>/roster")
@signed_in
def send_roster(number: int) -> Answer:
    """Add people from a table; the links of new ones are shown once."""
    with state().database.transaction() as session:
        course_for(session, viewer(), number, Right.MANAGE)
    sent = request.files.get("file")
    text = sent.stream.read(4 << 20).decode("utf-8", "replace") if sent else ""
    text = text or request.form.get("table", "")
    try:
        with state().database.transaction() as session:
            found = course_for(session, viewer(), number, Right.MANAGE)
            actor = session.get_one(User, viewer().id)
            invited = enrol(
                session,
                actor,
                found,
                read_roster_table(text),
                g.began,
                links=state().config.sign_in.local,
            )
    except ActionRefused as error:
        return _course(number, status=400, said=str(error))
    return page(
        "invited.html", "Added to the course", course=found, invited=invited,
        ways=state().config.sign_in,
    )  # fmt: skip


@blueprint.post("/courses/<int:number>/people/<int:user>/link")
@signed_in
def new_link_for(number: int, user: int) -> Answer:
    """Give a student a new link. Whoever may do more than a student asks the operator."""
    with state().database.transaction() as session:
        found = course_for(session, viewer(), number, Right.MANAGE)
        member = session.get(Membership, (found.id, user))
        person = session.get(User, user)
        if member is None or person is None:
            raise nowhere()
        elsewhere = session.scalar(
            select(Membership.user_id).where(
                Membership.user_id == user, Membership.role != CourseRole.STUDENT
            )
        )
        if (elsewhere or person.administrator) and not viewer().administrator:
            msg = "Only an administrator can give a link to somebody who teaches."
            raise ActionRefused(msg)
        ways = state().config.sign_in
        if not ways.takes_password(administrator=person.administrator):
            msg = "People sign in without a password here: there are no links to set one."
            raise ActionRefused(msg)
        actor = session.get_one(User, viewer().id)
        invited = [invite(session, actor, person, g.began)]
    return page("invited.html", "A new link", course=found, invited=invited)
