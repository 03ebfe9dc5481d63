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
from grader.portal.data.people import User
from grader.portal.errors import ActionRefused
from grader.portal.web.limits import SIGN_IN, account_key, limiter, sign_in_account
from grader.portal.web.rendering import Answer, page
from grader.portal.web.sessions import TOKEN, signed_in, start_session
from grader.portal.web.state import state

blueprint = Blueprint("auth", __name__)


def inside(target: str) -> str:
    """Return `target` where it is a path of this portal's, else the first page."""
    plain = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if plain and "\n" not in target and "\r" not in target else url_for("home.home")


@blueprint.get("/sign-in")
def sign_in() -> Answer | Response:
    """Ask for an address and a password."""
    if g.viewer is not None:
        return redirect(inside(request.args.get("next", "")))
    return sign_in_page(target=request.args.get("next", ""))


def sign_in_page(*, said: str = "", status: int = 200, email: str = "", target: str = "") -> Answer:
    """Return the page on which people sign in; `said` is why the last try came to nothing."""
    return page(
        "sign_in.html", "Sign in", status=status, next=target, email=email[:200], said=said,
        ways=state().config.sign_in,
    )  # fmt: skip


@blueprint.post("/sign-in")
@limiter.limit(SIGN_IN)
@limiter.limit(sign_in_account, key_func=account_key)
def send_sign_in() -> Answer | Response:
    """Sign in."""
    email, target = request.form.get("email", ""), request.form.get("next", "")
    try:
        with state().database.transaction() as transaction:
            user = check_password(transaction, email, request.form.get("password", ""))
            _require_password_way(user)
    except ActionRefused as error:
        return sign_in_page(said=str(error), status=401, email=email, target=target)
    start_session(user)
    return redirect(inside(target), code=303)


def _require_password_way(user: User) -> None:
    """Raise `ActionRefused` where this portal lets `user` sign in at the provider alone."""
    ways = state().config.sign_in
    if not ways.takes_password(administrator=user.administrator):
        raise ActionRefused(ways.elsewhere)


@blueprint.get("/sign-in/<token>")
def link(token: str) -> Answer:
    """Ask for a new password; the link is used once that is sent."""
    return _link(token)


def _link(token: str, *, status: int = 200, said: str = "") -> Answer:
    with state().database.transaction() as transaction:
        owner = link_owner(transaction, token, utc_now())
    _require_password_way(owner)
    return page("link.html", "Welcome", status=status, owner=owner, token=token, said=said)


@blueprint.post("/sign-in/<token>")
@limiter.limit(SIGN_IN)
def send_link(token: str) -> Answer | Response:
    """Set the password, and sign in."""
    try:
        with state().database.transaction() as transaction:
            _require_password_way(link_owner(transaction, token, utc_now()))
            user = use_link(transaction, token, request.form.get("password", ""), utc_now())
    except ActionRefused as error:
        if not str(error).startswith("A password"):
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
