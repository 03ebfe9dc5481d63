"""Log-ins, and who may do what."""

import functools
import hashlib
import secrets

from flask import Blueprint, abort, g, request
from werkzeug.security import check_password_hash, generate_password_hash

from . import database, rules

blueprint = Blueprint("sessions", __name__)
METHOD = "scrypt:16384:8:1"
NOBODY = generate_password_hash(secrets.token_hex(), METHOD)
"""Checked where there is no user, so that it takes as long."""


def token_hash(token):
    return hashlib.sha256(token.encode()).hexdigest()


def password_hash(password):
    return None if password is None else generate_password_hash(password, METHOD)


def user_of_request():
    """The active user whose token was sent; a 401 where there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        abort(401, "Send the token of a log-in as Authorization: Bearer TOKEN.")
    found = database.row(
        "SELECT users.* FROM sessions JOIN users ON users.id = user_id "
        "WHERE token_hash = %s AND active",
        token_hash(token),
    )
    if found is None:
        abort(401, "There is no such session.")
    return found


def for_roles(*roles):
    """Have a view answer users of these roles alone."""

    def decorate(view):
        @functools.wraps(view)
        def guarded(*args, **kwargs):
            g.user = user_of_request()
            if g.user["role"] not in roles:
                abort(403, "Your role may not do this.")
            return view(*args, **kwargs)

        return guarded

    return decorate


@blueprint.post("/login")
def log_in():
    sent = rules.body()
    email, password = sent.get("email"), sent.get("password")
    if not isinstance(email, str) or not isinstance(password, str):
        abort(400, "Send email and password, two texts.")
    if rules.UNSTORABLE.search(email + password):
        abort(400, "Nobody's address or password has such characters.")
    found = database.row(
        "SELECT id, active, password_hash FROM users WHERE lower(email) = lower(%s)", email
    )
    known = (found or {}).get("password_hash")
    right = check_password_hash(known or NOBODY, password)
    if not right or not known or not found["active"]:
        abort(401, "Address or password are wrong, or the user is not active.")
    token = secrets.token_urlsafe(32)
    with database.connection() as connection:
        connection.execute(
            "INSERT INTO sessions (token_hash, user_id) VALUES (%s, %s)",
            [token_hash(token), found["id"]],
        )
    return {"token": token}
