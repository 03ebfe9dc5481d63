"""A person's own tokens of the API."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from grader.portal.actions.tokens import SHOWN, Scope, new_access_token, revoke, tokens_of
from grader.portal.data.people import User
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import signed_in, viewer
from grader.portal.web.state import state

blueprint = Blueprint("tokens", __name__)


@blueprint.get("/tokens")
@signed_in
def tokens() -> Answer:
    """Show them, without what they are."""
    with state().database.transaction() as session:
        found = tokens_of(session, viewer().id)
    return page("tokens.html", "Tokens", tokens=found, scopes=list(Scope), fresh="", shown=SHOWN)


@blueprint.post("/tokens")
@signed_in
def add_token() -> Answer:
    """Make one, which is shown this once."""
    days = request.form.get("days", "")
    with state().database.transaction() as session:
        fresh = new_access_token(
            session,
            session.get_one(User, viewer().id),
            g.began,
            name=request.form.get("name", ""),
            scopes=request.form.getlist("scope"),
            days=int(days[:9]) if days.isascii() and days.isdigit() else 0,
        )
        found = tokens_of(session, viewer().id)
    return page("tokens.html", "Tokens", tokens=found, scopes=list(Scope), fresh=fresh, shown=SHOWN)


@blueprint.post("/tokens/<shown>/revoke")
@signed_in
def send_revoke(shown: str) -> Response:
    """End one."""
    with state().database.transaction() as session:
        revoke(session, session.get_one(User, viewer().id), shown, g.began)
    return redirect(url_for("tokens.tokens"), code=303)
