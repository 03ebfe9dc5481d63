"""What administrators do with users."""

from flask import Blueprint, abort

from . import validation
from .database import one, run
from .tokens import signed_in

blueprint = Blueprint("users", __name__)

USERS = "SELECT id, username, role FROM users"


def find(user_id):
    user = one(f"{USERS} WHERE id = %s", user_id)
    if user is None:
        abort(404, "There is no such user.")
    return user


@blueprint.get("/users")
@signed_in("admin")
def index():
    return {"users": run(f"{USERS} ORDER BY id").fetchall()}


@blueprint.put("/users/<int:user_id>/role")
@signed_in("admin")
def change_role(user_id):
    find(user_id)
    run("UPDATE users SET role = %s WHERE id = %s", validation.role(), user_id)
    return find(user_id)


@blueprint.post("/users/<int:user_id>/revoke")
@signed_in("admin")
def revoke(user_id):
    find(user_id)
    run("UPDATE sessions SET ended = TRUE WHERE user_id = %s", user_id)
    return "", 204
