"""Users and their roles."""

from flask import Blueprint, abort, g
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from .bodies import body
from .guard import needs
from .models import Session, User, db
from .passwords import hash_password

people = Blueprint("people", __name__)


@people.post("/register")
def register():
    username, password = body("username", "password")
    user = User(username=username, password=hash_password(password))
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError:
        abort(409, "This username is taken.")
    return user.as_dict(), 201


@people.get("/me")
@needs()
def me():
    return g.user.as_dict()


@people.get("/users")
@needs("administrate")
def index():
    return {"users": [one.as_dict() for one in db.session.scalars(db.select(User))]}


@people.put("/users/<user_id>/role")
@needs("administrate")
def change_role(user_id):
    user = db.get_or_404(User, user_id, description="There is no such user.")
    (user.role,) = body("role")
    db.session.commit()
    return user.as_dict()


@people.post("/users/<user_id>/revoke")
@needs("administrate")
def revoke(user_id):
    user = db.get_or_404(User, user_id, description="There is no such user.")
    db.session.execute(update(Session).where(Session.user_id == user.id).values(over=True))
    db.session.commit()
    return "", 204
