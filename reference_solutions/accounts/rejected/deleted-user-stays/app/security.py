"""Password hashes, who is signed in, and what asks for a login or a role."""

from functools import wraps

from flask import abort, g, redirect, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash


def hash_password(password):
    return generate_password_hash(password, method="scrypt:16384:8:1")


def password_fits(user, password):
    return check_password_hash(user["password_hash"], password)


def sign_in(user):
    session.clear()
    session["user"] = {"id": user["id"], "username": user["username"]}
    session["user"]["is_admin"] = user["is_admin"]


def sign_out():
    session.clear()


def load_user():
    g.user = session.get("user")


def login_required(view):
    @wraps(view)
    def checked(*args, **kwargs):
        if g.user is None:
            return redirect(url_for("accounts.login"), 303)
        return view(*args, **kwargs)

    return checked


def is_admin():
    return bool(g.user["is_admin"])


def admin_required(view):
    @wraps(view)
    def checked(*args, **kwargs):
        if not is_admin():
            abort(403)
        return view(*args, **kwargs)

    return login_required(checked)


def init_app(app):
    app.before_request(load_user)
