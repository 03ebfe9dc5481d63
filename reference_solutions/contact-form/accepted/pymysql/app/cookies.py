"""The theme that a browser has chosen, and cookies behind a proxy."""

from flask import Blueprint, abort, redirect, request
from flask.sessions import SecureCookieSessionInterface

THEMES = ("light", "dark")
YEAR = 365 * 24 * 3600

blueprint = Blueprint("cookies", __name__)


class ProxiedSessions(SecureCookieSessionInterface):
    """The session's cookie is Secure where the browser speaks HTTPS with the proxy."""

    def get_cookie_secure(self, app):
        return request.is_secure


def theme():
    chosen = request.cookies.get("theme")
    return chosen if chosen in THEMES else "light"


@blueprint.post("/theme")
def choose():
    chosen = request.form.get("theme")
    if chosen not in THEMES:
        abort(400)
    response = redirect("/contact", 303)
    response.set_cookie(
        "theme", chosen, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


def init_app(app):
    app.session_interface = ProxiedSessions()
    app.context_processor(lambda: {"theme": theme(), "themes": THEMES})
