"""The form to register, and the profiles."""

import re

from flask import abort, render_template, request

from . import app

NAME = re.compile(r"[a-z0-9]{1,20}")
RESERVED = {"new"}  # /users/new is the form, so this user would have no profile
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
    if not NAME.fullmatch(name) or name in RESERVED:
        return refuse("A name has 1 to 20 letters from a to z or digits, and is not new.", 400)
    if len(about) > MAX_ABOUT:
        return refuse(f"About has at most {MAX_ABOUT} characters.", 400)
    if name in users:
        return refuse("This name is taken.", 409)
    users[name] = about
    return render_template("profile.html", name=name, about=about)


def refuse(problem, status):
    return render_template("form.html", problem=problem, sent=request.form), status


# Flask prefers the rule without a variable: /users/new never comes here.
@app.get("/users/<name>")
def profile(name):
    if name not in users:
        abort(404, "There is no user of that name.")
    return render_template("profile.html", name=name, about=users[name])
