"""The page, and the form on it."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from . import messages

blueprint = Blueprint("pages", __name__)


def page(entered=None, problems=None):
    html = render_template(
        "index.html", messages=messages.latest(), entered=entered or {}, problems=problems or {}
    )
    response = make_response(html.encode("latin-1", "xmlcharrefreplace"))
    response.content_type = "text/html; charset=iso-8859-1"
    return response


@blueprint.get("/")
def index():
    return page()


@blueprint.post("/messages")
def post_message():
    author, text = request.form.get("author", ""), request.form.get("text", "")
    problems = messages.problems(author, text)
    if problems:
        return page(request.form, problems), 400
    messages.save(author, text)
    flash("Saved.")
    # Redirect, so that reloading the page does not post the message again.
    return redirect(url_for("pages.index"), 303)
