"""Who writes."""

from flask import Blueprint

from . import checks
from .checks import Refused
from .database import row, run, transaction

blueprint = Blueprint("users", __name__)


def user_of(number):
    found = row("SELECT id, name FROM users WHERE id = %s", number) if number < 2**31 else None
    if found is None:
        raise Refused(404, "There is no such user.")
    return found


def require_author(number):
    if row("SELECT id FROM users WHERE id = %s FOR SHARE", number) is None:
        raise Refused(400, "author_id has to be the id of a user.")


@blueprint.post("/users")
def create():
    name = checks.text(checks.sent(), "name", 50)
    with transaction():
        _, number = run("INSERT INTO users (name) VALUES (%s)", name)
    return {"id": number, "name": name}, 201, {"Location": f"/users/{number}"}


@blueprint.get("/users/<int:number>")
def read(number):
    return user_of(number)


@blueprint.delete("/users/<int:number>")
def delete(number):
    with transaction():
        user_of(number)
        run("DELETE FROM users WHERE id = %s", number)
    return "", 204
