"""Who sends a request, and what they may do."""

from functools import wraps

from flask import abort, g, request

from . import tokens
from .models import Session, db

PERMISSIONS = {
    "reader": {"read"},
    "editor": {"read", "write"},
    "admin": {"read", "write", "write of others", "delete", "administrate"},
}


def may(permission):
    return permission in PERMISSIONS[g.user.role]


def needs(permission=None):
    """Let a view be called by who is signed in, and has the permission."""

    def decorate(view):
        @wraps(view)
        def guarded(**arguments):
            scheme, _, text = request.headers.get("Authorization", "").partition(" ")
            claims = tokens.read("access", text) if scheme.lower() == "bearer" else None
            session = claims and db.session.get(Session, str(claims["sid"]))
            if not session or session.over or session.user_id != claims["sub"]:
                abort(401, "Send an access token that counts.")
            g.session, g.user = session, session.user
            if permission and not may(permission):
                abort(403, "Your role does not allow this.")
            return view(**arguments)

        return guarded

    return decorate
