from flask import Blueprint, flash, redirect, render_template, request, url_for

from .models import Message
from .validation import errors_of

views = Blueprint("views", __name__)


@views.get("/health")
def health():
    return {"status": "ok"}


@views.get("/")
def index():
    return render_template("board.html", messages=Message.newest())


@views.post("/messages")
def create():
    if errors := errors_of(request.form):
        for error in errors.values():
            flash(error)
        return redirect(url_for(".index"))
    Message.add(request.form["author"], request.form["text"])
    flash("Saved.")
    return redirect(url_for(".index"))
