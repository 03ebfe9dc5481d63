"""The form to register, and the profiles."""

import re

from flask import abort, redirect, render_template, request, url_for

from . import app

NAME = re.compile(r"[a-z0-9]{1,20}")
MAX_ABOUT = 200

users = {"ada": "The first programmer."}


@app.get("/users/new")
def show_form():
    return render_template("form.html", sent={})


@app.post("/users/new")
def register():
    # get() with a default: form["name"] raises an error where the field is missing.
    name = request.form.get("name", "")
    about = request.form.get("about", "")
    if not NAME.fullmatch(name):
        return refuse("A name has 1 to 20 letters from a to z or digits.", 400)
    if len(about) > MAX_ABOUT:
        return refuse(f"About has at most {MAX_ABOUT} characters.", 400)
    if name in users:
        return refuse("This name is taken.", 409)
    users[name] = about
    # 303 has the browser GET the profile, so that a reload does not send the form again.
    return redirect(url_for("profile", name=name), 303)


def refuse(problem, status):
    return render_template("form.html", problem=problem, sent=request.form), status


# Flask prefers the rule without a variable: /users/new never comes here.
@app.get("/users/<name>")
def profile(name):
    if name not in users:
        abort(404, "There is no user of that name.")
    return render_template("profile.html", name=name, about=users[name])
