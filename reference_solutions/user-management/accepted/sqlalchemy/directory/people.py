"""Log-ins, roles, and the rules about admins."""

import hashlib
import secrets
from functools import wraps

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import abort, g, request
from sqlalchemy import delete, func, select

from .models import Session, User, db

HASHER = PasswordHasher(time_cost=2, memory_cost=8192, parallelism=1)


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def whose(email):
    """The user with an address, in whatever case."""
    return db.session.scalar(select(User).where(func.lower(User.email) == func.lower(email)))


def is_password(user, password):
    if user is None or user.password_hash is None:
        return False
    try:
        return HASHER.verify(user.password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def new_session(user):
    token = secrets.token_hex(24)
    db.session.add(Session(token_hash=digest(token), user_id=user.id))
    db.session.commit()
    return token


def signed_in():
    header = request.headers.get("Authorization", "")
    if not header.startswith("Bearer "):
        abort(401, "Sign in first.")
    user = db.session.scalar(
        select(User)
        .join(Session, Session.user_id == User.id)
        .where(Session.token_hash == digest(header.removeprefix("Bearer ")), User.active)
    )
    if user is None:
        abort(401, "Sign in first.")
    return user


def only(*roles):
    """A decorator for views of these roles."""

    def decorator(view):
        @wraps(view)
        def wrapped(*args, **kwargs):
            g.user = signed_in()
            if g.user.role not in roles:
                abort(403, "That is not for you.")
            return view(*args, **kwargs)

        return wrapped

    return decorator


def change(number, values):
    """Change a user within a transaction; a 409 where no admin would be left."""
    admins = []
    if {"role", "active"} & values.keys():
        # whoever changes admins waits here for the others who do
        wanted = select(User.id).where(User.role == "admin", User.active).order_by(User.id)
        admins = list(db.session.scalars(wanted.with_for_update()))
    user = db.session.get(User, number, with_for_update=True, populate_existing=True)
    if user is None:
        abort(404, "There is no such user.")
    if "password" in values:
        password = values.pop("password")
        user.password_hash = None if password is None else HASHER.hash(password)
    for name, value in values.items():
        setattr(user, name, value)
    stays = user.role == "admin" and user.active
    if not stays and admins == [number]:
        db.session.rollback()
        abort(409, "Somebody has to be an admin.")
    if values.get("active") is False:
        db.session.execute(delete(Session).where(Session.user_id == number))
    db.session.commit()
    return user
