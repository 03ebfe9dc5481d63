"""Tokens: making them, and finding out whose they are."""

import hashlib
import secrets
import time
from functools import wraps

import jwt
from flask import abort, current_app, g, request

from .database import one, run, transaction

CLAIMS = ["exp", "iss", "aud", "sub", "type", "sid"]


def access_token(user_id, session_id):
    config, now = current_app.config, int(time.time())
    claims = {
        "iss": config["JWT_ISSUER"],
        "aud": config["JWT_AUDIENCE"],
        "sub": str(user_id),
        "iat": now,
        "exp": now + config["ACCESS_SECONDS"],
        "type": "access",
        "sid": session_id,
        "jti": secrets.token_hex(8),  # two tokens of the same second differ
    }
    return jwt.encode(claims, config["JWT_SECRET"], algorithm="HS256")


def hashed(token):
    # The token is long and random, so that a fast hash will do.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_tokens(user_id, session_id):
    """Both tokens of a session, as they are answered."""
    token = secrets.token_urlsafe(32)
    run(
        "INSERT INTO refresh_tokens (hash, session_id, expires) VALUES (%s, %s, %s)",
        hashed(token),
        session_id,
        int(time.time() * 1000) + current_app.config["REFRESH_SECONDS"] * 1000,
    )
    return {
        "access_token": access_token(user_id, session_id),
        "refresh_token": token,
        "token_type": "Bearer",
        "expires_in": current_app.config["ACCESS_SECONDS"],
    }


def begin_session(user_id):
    session_id = secrets.token_hex(16)
    run("INSERT INTO sessions (id, user_id) VALUES (%s, %s)", session_id, user_id)
    return new_tokens(user_id, session_id)


def end_session(session_id):
    run("UPDATE sessions SET ended = TRUE WHERE id = %s", session_id)


def exchange(token):
    """New tokens for a refresh token; None where it does not count."""
    with transaction():
        # FOR UPDATE: of several requests with one token the others wait here, and see it used.
        found = one(
            "SELECT user_id, session_id, ended, used, expires FROM refresh_tokens "
            "JOIN sessions ON sessions.id = session_id WHERE hash = %s FOR UPDATE",
            hashed(token),
        )
        if found is None or found["ended"]:
            return None
        if found["used"]:
            current_app.logger.warning("A refresh token was used again: its session ends.")
            end_session(found["session_id"])
            return None
        if found["expires"] <= time.time() * 1000:
            return None
        run("UPDATE refresh_tokens SET used = TRUE WHERE hash = %s", hashed(token))
        return new_tokens(found["user_id"], found["session_id"])


def claims_of(token):
    """What an access token says, if it counts; None where it does not."""
    config = current_app.config
    try:
        claims = jwt.decode(
            token,
            config["JWT_SECRET"],
            algorithms=["HS256"],
            issuer=config["JWT_ISSUER"],
            audience=config["JWT_AUDIENCE"],
            options={"require": CLAIMS},
        )
    except jwt.InvalidTokenError:
        return None
    return claims if claims["type"] == "access" else None


def bearer():
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def signed_in(*roles):
    """For a route: only with an access token that counts, and with one of `roles` if any."""

    def decorate(view):
        @wraps(view)
        def wrapper(*args, **kwargs):
            claims = claims_of(bearer())
            # The role comes from the database, whatever the token says of it.
            g.user = claims and one(
                "SELECT users.id, username, role FROM sessions JOIN users ON users.id = user_id "
                "WHERE sessions.id = %s AND users.id = %s AND NOT ended",
                str(claims["sid"]),
                claims["sub"],
            )
            if not g.user:
                abort(401, "There is no access token that counts.")
            g.session_id = claims["sid"]
            if roles and g.user["role"] not in roles:
                abort(403, "Your role does not allow this.")
            return view(*args, **kwargs)

        return wrapper

    return decorate
