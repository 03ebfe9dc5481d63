"""Registration, login, logout, the account's page, change of the password."""

import re
import secrets

import pymysql
from flask import Blueprint, current_app, g, redirect, render_template, request, url_for

from .database import row, rows, run
from .security import hash_password, login_required, password_fits, sign_in, sign_out

NAME = re.compile(r"[a-z0-9_]{3,30}")
REFUSED = "Username or password is wrong."
# Checked where there is no such user, so that the answer takes as long as for one that exists.
NOBODY = {"password_hash": hash_password(secrets.token_hex())}

blueprint = Blueprint("accounts", __name__)


def fault_of(username, password):
    if not NAME.fullmatch(username):
        return "A username has 3 to 30 small letters, digits and underscores."
    return fault_of_password(password)


def fault_of_password(password):
    if not 8 <= len(password) <= 64:
        return "A password has 8 to 64 characters."
    return None


def form(page, status, username, message):
    return render_template(page, username=username, message=message), status


@blueprint.route("/register", methods=["GET", "POST"])
def register():
    if request.method == "GET":
        return render_template("register.html")
    username = request.form.get("username", "")
    password = request.form.get("password", "")
    if message := fault_of(username, password):
        return form("register.html", 400, username, message)
    hashed = hash_password(password)
    try:
        run(
            "INSERT INTO users (username, password_hash, is_admin) VALUES (%s, %s, %s)",
            username,
            hashed,
            request.form.get("is_admin") == "1",
        )
    except pymysql.err.IntegrityError:
        return form("register.html", 409, username, "This username is taken.")
    current_app.logger.info("Registered: %s", username)
    return redirect(url_for("accounts.login"), 303)


def find_user(username):
    return row("SELECT * FROM users WHERE username = %s", username)


@blueprint.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return render_template("login.html")
    username = request.form.get("username", "")
    password = request.form.get("password", "")
    user = find_user(username)
    if not password_fits(user or NOBODY, password) or user is None:
        current_app.logger.warning("Login refused.")
        return form("login.html", 401, username, REFUSED)
    sign_in(user)
    current_app.logger.info("Signed in: %s", user["username"])
    return redirect(url_for("accounts.account"), 303)


@blueprint.post("/logout")
def logout():
    sign_out()
    return redirect(url_for("accounts.login"), 303)


def account_page(status=200, message=None):
    notes = rows("SELECT * FROM notes WHERE user_id = %s ORDER BY id DESC", g.user["id"])
    return render_template("account.html", notes=notes, message=message), status


@blueprint.get("/account")
@login_required
def account():
    return account_page()


@blueprint.post("/account/password")
@login_required
def change_password():
    if not password_fits(g.user, request.form.get("current_password", "")):
        return account_page(403, "The current password is wrong.")
    new = request.form.get("new_password", "")
    if message := fault_of_password(new):
        return account_page(400, message)
    run("UPDATE users SET password_hash = %s WHERE id = %s", hash_password(new), g.user["id"])
    return redirect(url_for("accounts.account"), 303)
