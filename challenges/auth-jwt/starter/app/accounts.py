"""Registering, logging in and out, refreshing, users and their roles."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)

# TODO: POST /register, /login, /refresh and /logout, GET /me, GET /users, PUT /users/<id>/role,
# POST /users/<id>/revoke.
#
# @blueprint.post("/login")
# def login():
#     data = request.get_json()
#     …
#     return {"access_token": …, "refresh_token": …, "token_type": "Bearer", "expires_in": …}
