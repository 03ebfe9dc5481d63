"""Registering, logging in and out, refreshing."""

import pymysql
from flask import Blueprint, abort, current_app, g
from werkzeug.security import check_password_hash, generate_password_hash

from . import validation
from .database import one, run
from .tokens import begin_session, end_session, exchange, signed_in

blueprint = Blueprint("accounts", __name__)

# What a password is compared with where nobody has the name: that takes as long.
NOBODY = generate_password_hash("the password of nobody")


def make_administrator(username, password):
    if one("SELECT id FROM users WHERE username = %s", username) is None:
        run(
            "INSERT IGNORE INTO users (username, password_hash, role) VALUES (%s, %s, 'admin')",
            username,
            generate_password_hash(password),
        )


@blueprint.post("/register")
def register():
    username, password = validation.new_credentials()
    try:
        made = run(
            "INSERT INTO users (username, password_hash) VALUES (%s, %s)",
            username,
            generate_password_hash(password),
        )
    except pymysql.err.IntegrityError:
        abort(409, "This username is taken.")
    current_app.logger.info("Registered: %s", username)
    return {"id": made.lastrowid, "username": username, "role": "reader"}, 201


@blueprint.post("/login")
def login():
    username, password = validation.credentials()
    known = validation.NAME.fullmatch(username)
    user = known and one("SELECT id, password_hash FROM users WHERE username = %s", username)
    right = check_password_hash(user["password_hash"] if user else NOBODY, password)
    if not user or not right:
        abort(401, "Username or password is wrong.")
    return begin_session(user["id"])


@blueprint.post("/refresh")
def refresh():
    tokens = exchange(validation.text("refresh_token"))
    if tokens is None:
        abort(401, "The refresh token does not count.")
    return tokens


@blueprint.post("/logout")
@signed_in()
def logout():
    end_session(g.session_id)
    return "", 204


@blueprint.get("/me")
@signed_in()
def me():
    return g.user
