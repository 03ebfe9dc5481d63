"""The clerk's session, and where the login leads."""

import hmac
import re
from functools import wraps
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, render_template, request, session

OURS = re.compile(r"/(?![/\\])[^\s\x00-\x1f\x7f]*")

blueprint = Blueprint("login", __name__)


def clerk_required(view):
    @wraps(view)
    def checked(*args, **kwargs):
        if not session.get("clerk"):
            query = request.query_string.decode("latin-1")
            wanted = request.path + (f"?{query}" if query else "")
            asked = "?" + urlencode({"next": wanted}) if request.method == "GET" else ""
            return redirect(f"/login{asked}", 303)
        return view(*args, **kwargs)

    return checked


def target():
    """The path of this site that is asked for; the inbox where there is none."""
    asked = request.values.get("next", "")
    return asked if OURS.fullmatch(asked) else "/messages"


def same(sent, wanted):
    return hmac.compare_digest(sent.encode(), wanted.encode())


@blueprint.get("/login")
def form():
    return render_template("login.html", next=request.args.get("next", ""))


@blueprint.post("/login")
def login():
    config = current_app.config
    username, password = request.form.get("username", ""), request.form.get("password", "")
    fits = [same(username, config["CLERK_USERNAME"]), same(password, config["CLERK_PASSWORD"])]
    if not all(fits):
        asked = request.values.get("next", "")
        return render_template("login.html", next=asked, username=username, wrong=True), 401
    session["clerk"] = True
    return redirect(target(), 303)


@blueprint.post("/logout")
def logout():
    session.clear()
    return redirect("/contact", 303)
