"""The routes for HTTP."""
import hmac
import json

from flask import Blueprint, abort, jsonify, request

from . import config, limits, store, tokens

routes = Blueprint("http", __name__)


@routes.get("/health")
def health():
    return jsonify(status="ok")


@routes.post("/login")
def login():
    try:
        body = json.loads(request.get_data())
    except ValueError:
        abort(400, "The body is no JSON.")
    if not isinstance(body, dict):
        abort(400, "The body is no JSON object.")
    name, room, password = body.get("name"), body.get("room"), body.get("password")
    if not isinstance(name, str) or not limits.NAME.fullmatch(name) or name == limits.SYSTEM:
        abort(400, "The name is none.")
    if not isinstance(room, str) or not limits.ROOM.fullmatch(room):
        abort(400, "The room is none.")
    if not isinstance(password, str):
        abort(400, "The password is missing.")
    if not hmac.compare_digest(password.encode("utf-8", "replace"), config.PASSWORD.encode()):
        abort(401, "The password is wrong.")
    return jsonify(token=tokens.issue(name, room), name=name, room=room)


@routes.get("/rooms/<room>/messages")
def history(room):
    require(room)
    before, limit = number("before", None, 2**31), number("limit", 50, 100)
    found, more = store.messages(room, before, limit)
    return jsonify(messages=found, more=more)


@routes.get("/rooms/<room>/presence")
def presence(room):
    require(room)
    return jsonify(present=store.present(room))


def require(room):
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    who = tokens.read(token) if kind.lower() == "bearer" else None
    if who is None:
        abort(401, "A token is needed.")
    if who[1] != room:
        abort(403, "The token is for another room.")


def number(name, default, most):
    given = request.args.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and 1 <= len(given) <= 10 and 1 <= int(given) <= most):
        abort(400, f"{name} is a number from 1 to {most}.")
    return int(given)
