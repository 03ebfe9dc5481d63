"""Pages for people."""

import re

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.views import MethodView

from .store import Taken

pages = Blueprint("pages", __name__)


@pages.route("/")
def index():
    return render_template("index.html")


@pages.route("/hello", defaults={"name": None})
@pages.route("/hello/<name>")
def hello(name):
    return render_template("hello.html", name=name or "World")


@pages.route("/boom")
def boom():
    raise RuntimeError(request.args.get("why"))


class NewUser(MethodView):
    """The form: shown on GET, taken on POST."""

    def get(self):
        return render_template("new_user.html", name="", about="", problem="")

    def post(self):
        name, about = (request.form.get(field, "") for field in ("name", "about"))
        if problem := self.problem(name, about):
            return self.again(name, about, problem, 400)
        try:
            current_app.extensions["store"].add_user(name, about)
        except Taken:
            return self.again(name, about, f"{name} is taken.", 409)
        return redirect(url_for("pages.user", name=name))

    def again(self, name, about, problem, status):
        page = render_template("new_user.html", name=name, about=about, problem=problem)
        return page, status

    def problem(self, name, about):
        if name == "new" or not re.fullmatch("[a-z0-9]{1,20}", name):
            return "This cannot be a name: use 1 to 20 letters a-z and digits, but not new."
        if len(about) > 200:
            return "Say it in 200 characters."
        return ""


class User(MethodView):
    def get(self, name):
        about = current_app.extensions["store"].users.get(name)
        if about is None:
            abort(404)
        return render_template("user.html", name=name, about=about)


pages.add_url_rule("/users/new", view_func=NewUser.as_view("new_user"))
pages.add_url_rule("/users/<name>", view_func=User.as_view("user"))
