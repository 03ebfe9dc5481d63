"""The page, and the form on it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for

from . import messages

blueprint = Blueprint("pages", __name__)


def page(entered=None, problems=None):
    return render_template(
        "index.html", messages=messages.latest(), entered=entered or {}, problems=problems or {}
    )


@blueprint.get("/")
def index():
    return page()


@blueprint.post("/messages")
def post_message():
    author, text = request.form.get("name", ""), request.form.get("message", "")
    problems = messages.problems(author, text)
    if problems:
        return page({"author": author, "text": text}, problems), 400
    messages.save(author, text)
    flash("Saved.")
    # Redirect, so that reloading the page does not post the message again.
    return redirect(url_for("pages.index"), 303)
