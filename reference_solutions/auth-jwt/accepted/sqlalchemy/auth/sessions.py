"""Logging in and out, and refreshing."""

from flask import Blueprint, abort, current_app, g
from sqlalchemy import update

from . import tokens
from .bodies import body
from .guard import needs
from .models import Session, User, db, new_id
from .passwords import is_right

sessions = Blueprint("sessions", __name__)


def pair(session, jti):
    return {
        "access_token": tokens.make("access", session, new_id()),
        "refresh_token": tokens.make("refresh", session, jti),
        "token_type": "Bearer",
        "expires_in": current_app.config["ACCESS_SECONDS"],
    }


@sessions.post("/login")
def login():
    username, password = body("username", "password")
    user = db.session.scalar(db.select(User).filter_by(username=username))
    if not is_right(user.password if user else None, password):
        abort(401, "Username or password is wrong.")
    session = Session(user=user)
    db.session.add(session)
    db.session.commit()
    return pair(session, session.refresh)


@sessions.post("/refresh")
def refresh():
    claims = tokens.read("refresh", *body("refresh_token"))
    if claims is None:
        abort(401, "The refresh token does not count.")
    jti = new_id()
    # One statement looks and changes: of several requests with one token one finds its row.
    one = update(Session).where(Session.id == claims["sid"], Session.over.is_(False))
    first = db.session.execute(one.where(Session.refresh == claims["jti"]).values(refresh=jti))
    if first.rowcount != 1:
        db.session.execute(one.values(over=True))
        db.session.commit()
        abort(401, "The refresh token does not count.")
    db.session.commit()
    return pair(db.session.get(Session, claims["sid"]), jti)


@sessions.post("/logout")
@needs()
def logout():
    g.session.over = True
    db.session.commit()
    return "", 204
