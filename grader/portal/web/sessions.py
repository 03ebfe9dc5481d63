"""Who is signed in: found for each request, and required by most pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import g, redirect, request, session, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from grader.portal.actions.notify import unread
from grader.portal.actions.signing_in import begin_session, session_owner
from grader.portal.data.base import utc_now
from grader.portal.data.people import Membership, User
from grader.portal.web.access import Viewer, require_administrator
from grader.portal.web.rendering import Answer, is_api
from grader.portal.web.state import state

P = ParamSpec("P")
R = TypeVar("R")
TOKEN = "sid"  # noqa: S105 - the name of a key
OPEN = {"static", "system.health", "system.ready", "system.report_style"}
"""Endpoints that do not care who asks."""


def load_viewer() -> None:
    """Find out who sent this request."""
    g.viewer = None
    g.began = utc_now()
    token = session.get(TOKEN)
    if not token or request.endpoint in OPEN or is_api():
        return
    with state().database.transaction() as transaction:
        user = session_owner(transaction, token, g.began)
        if user is None:
            session.clear()
            return
        g.viewer = replace(viewer_of(transaction, user), unread=unread(transaction, user.id))


def viewer_of(transaction: Session, user: User) -> Viewer:
    """Return what `user` is, and where."""
    found = transaction.execute(
        select(Membership.course_id, Membership.role).where(Membership.user_id == user.id)
    ).all()
    return Viewer(
        id=user.id,
        name=user.name,
        email=user.email,
        administrator=user.administrator,
        roles={course: role for course, role in found},  # noqa: C416 - rows are no pairs
    )


def viewer() -> Viewer:
    """Return who is signed in, on a page that requires it."""
    return cast("Viewer", g.viewer)


def signed_in(
    view: Callable[P, R],
) -> Callable[P, R | Response | Answer]:
    """Have `view` ask people to sign in first; what a form held is kept."""

    @wraps(view)
    def guarded(*args: P.args, **more: P.kwargs) -> R | Response | Answer:
        from grader.portal.web.errors import session_over

        if g.viewer is None:
            if request.method != "GET":
                return session_over()
            return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))
        return view(*args, **more)

    return guarded


def administrators(view: Callable[P, R]) -> Callable[P, R | Response | Answer]:
    """Have `view` be there for administrators alone."""

    @wraps(view)
    def guarded(*args: P.args, **more: P.kwargs) -> R:
        require_administrator(viewer())
        return view(*args, **more)

    return signed_in(guarded)


def start_session(user: User) -> None:
    """Sign `user` in: with a new session, whatever this browser had before."""
    with state().database.transaction() as transaction:
        token = begin_session(transaction, user, utc_now())
    session.clear()
    session[TOKEN] = token
    session.permanent = True
