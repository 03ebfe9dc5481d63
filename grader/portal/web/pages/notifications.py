"""What a person was told: the list, what of it is read, and whether e-mail is sent as well."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from grader.portal.actions.notify import mark_read
from grader.portal.data.notifications import Notification
from grader.portal.data.people import User
from grader.portal.rules.notices import path_of, sentence
from grader.portal.web.access import nowhere
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state

blueprint = Blueprint("notifications", __name__)

SHOWN = 50


@blueprint.get("/notifications")
@signed_in
def notifications() -> Answer:
    """Show them, the latest first."""
    before = request.args.get("before", "")
    query = (
        select(Notification)
        .where(Notification.user_id == viewer().id)
        .order_by(Notification.id.desc())
        .limit(SHOWN)
    )
    if before.isascii() and before.isdigit():
        query = query.where(Notification.id < int(before[:18]))
    with state().database.transaction() as session:
        found = session.scalars(query).all()
        wanted = session.get_one(User, viewer().id).mail
    return page(
        "notifications.html",
        "Notifications",
        notifications=[(one, sentence(one.kind, one.data)) for one in found],
        full=len(found) == SHOWN,
        older=bool(before),
        wanted=wanted,
        mails=state().config.mail is not None,
    )


@blueprint.post("/notifications/<int:number>/open")
@signed_in
def send_open(number: int) -> Response:
    """Note that it is read, and lead to what it is about."""
    with state().database.transaction() as session:
        found = session.get(Notification, number)
        if found is None or found.user_id != viewer().id:
            raise nowhere()
        found.read_at = found.read_at or g.began
        return redirect(path_of(found.about), code=303)


@blueprint.post("/notifications/read")
@signed_in
def send_read() -> Response:
    """Note that all are read, up to the one that was at the top of the page."""
    until = request.form.get("until", "")
    if until.isascii() and until.isdigit():
        with state().database.transaction() as session:
            mark_read(session, viewer().id, g.began, until=int(until[:18]))
    return redirect(url_for("notifications.notifications"), code=303)


@blueprint.post("/notifications/mail")
@signed_in
def send_mail() -> Response:
    """Switch e-mail on or off."""
    with state().database.transaction() as session:
        session.get_one(User, viewer().id).mail = request.form.get("mail") == "yes"
    return redirect(url_for("notifications.notifications"), code=303)
