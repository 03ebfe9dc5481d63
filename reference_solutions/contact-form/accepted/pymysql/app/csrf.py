"""One token for each session, which every form that is sent with POST brings along."""

import hmac
import secrets

from flask import abort, request, session


def token():
    if "csrf_token" not in session:
        session["csrf_token"] = secrets.token_urlsafe(32)
    return session["csrf_token"]


def check():
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    sent = request.form.get("csrf_token", "")
    wanted = session.get("csrf_token", "")
    if not wanted or not hmac.compare_digest(sent.encode(), wanted.encode()):
        abort(400, "This form is too old. Please open the page again.")


def init_app(app):
    app.before_request(check)
    app.context_processor(lambda: {"csrf_token": token})
