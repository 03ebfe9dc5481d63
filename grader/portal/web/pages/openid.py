"""Signing in at an OpenID Connect provider."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request
from werkzeug.wrappers import Response

from grader.portal.actions.identities import account_of
from grader.portal.errors import ActionRefused
from grader.portal.openid.client import OpenIdClient
from grader.portal.openid.refusals import SignInRefused
from grader.portal.openid.settings import CALLBACK
from grader.portal.web.limits import SIGN_IN, limiter
from grader.portal.web.pages.auth import inside, sign_in_page
from grader.portal.web.rendering import Answer
from grader.portal.web.sessions import start_session
from grader.portal.web.state import state

blueprint = Blueprint("openid", __name__)


def _client() -> OpenIdClient:
    client = state().openid
    if client is None:
        msg = "This portal has no other way to sign in than a password. Go to the sign-in page."
        raise ActionRefused(msg)
    return client


@blueprint.get("/sign-in/openid")
@limiter.limit(SIGN_IN)
def begin() -> Answer | Response:
    """Send the browser to the provider."""
    target = request.args.get("next", "")
    client = _client()
    if g.viewer is not None:
        return redirect(inside(target))
    try:
        return client.begin(target)
    except SignInRefused as error:
        return sign_in_page(said=str(error), status=error.status, target=target)


@blueprint.get(CALLBACK)
@limiter.limit(SIGN_IN)
def callback() -> Answer | Response:
    """Sign in whoever comes back from the provider; the state of the address is good for once."""
    client = _client()
    try:
        who, target = client.finish()
        with state().database.transaction() as transaction:
            user = account_of(transaction, who, client.settings)
    except SignInRefused as error:
        return sign_in_page(said=str(error), status=error.status)
    except ActionRefused as error:
        return sign_in_page(said=str(error), status=403)
    start_session(user)
    return redirect(inside(target), code=303)
