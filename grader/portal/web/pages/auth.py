"""Signing in by password or by link, and out."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from grader.portal.actions.signing_in import (
    check_password,
    end_session,
    link_owner,
    use_link,
)
from grader.portal.data.base import utc_now
from grader.portal.errors import ActionRefused
from grader.portal.web.limits import SIGN_IN, SIGN_IN_ACCOUNT, account_key, limiter
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import TOKEN, signed_in, start_session
from grader.portal.web.state import state

blueprint = Blueprint("auth", __name__)


def _inside(target: str) -> str:
    """Return `target` where it is a path of this portal's, else the first page."""
    plain = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if plain and "\n" not in target and "\r" not in target else url_for("home.home")


@blueprint.get("/sign-in")
def sign_in() -> Answer | Response:
    """Ask for an address and a password."""
    if g.viewer is not None:
        return redirect(_inside(request.args.get("next", "")))
    return page("sign_in.html", "Sign in", next=request.args.get("next", ""), email="", said="")


@blueprint.post("/sign-in")
@limiter.limit(SIGN_IN)
@limiter.limit(SIGN_IN_ACCOUNT, key_func=account_key)
def send_sign_in() -> Answer | Response:
    """Sign in."""
    email, target = request.form.get("email", ""), request.form.get("next", "")
    try:
        with state().database.transaction() as transaction:
            user = check_password(transaction, email, request.form.get("password", ""))
    except ActionRefused as error:
        return page(
            "sign_in.html", "Sign in", status=401, next=target, email=email[:200], said=str(error)
        )
    start_session(user)
    return redirect(_inside(target), code=303)


@blueprint.get("/sign-in/<token>")
def link(token: str) -> Answer:
    """Ask for a new password; the link is used once that is sent."""
    return _link(token)


def _link(token: str, *, status: int = 200, said: str = "") -> Answer:
    with state().database.transaction() as transaction:
        owner = link_owner(transaction, token, utc_now())
    return page("link.html", "Welcome", status=status, owner=owner, token=token, said=said)


@blueprint.post("/sign-in/<token>")
@limiter.limit(SIGN_IN)
def send_link(token: str) -> Answer | Response:
    """Set the password, and sign in."""
    try:
        with state().database.transaction() as transaction:
            user = use_link(transaction, token, request.form.get("password", ""), utc_now())
    except ActionRefused as error:
        if "password" not in str(error):
            raise
        return _link(token, status=400, said=str(error))
    start_session(user)
    return redirect(url_for("home.home"), code=303)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End this browser's session."""
    with state().database.transaction() as transaction:
        end_session(transaction, session[TOKEN])
    session.clear()
    return redirect(url_for("auth.sign_in"), code=303)
