"""Pages for people."""

from flask import Blueprint, render_template

blueprint = Blueprint("pages", __name__)

# TODO: keep the users here, by name: {"ada": "…"}.


@blueprint.get("/")
def home():
    return render_template("home.html")


# TODO: GET /hello and /hello/<name>. A template escapes what it shows; an f-string does not.
#
# @blueprint.get("/hello/<name>")
# def hello(name):
#     return render_template("hello.html", name=name)

# TODO: GET and POST /users/new. The form's fields are in request.form.
# TODO: GET /users/<name>.
# TODO: GET /boom raises RuntimeError with the text of ?why=.
