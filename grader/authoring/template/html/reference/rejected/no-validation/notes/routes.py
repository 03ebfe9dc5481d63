"""Rejected: nothing is refused."""

from flask import Blueprint, redirect, render_template, request, url_for

from notes import store

notes = Blueprint("notes", __name__)


@notes.get("/health")
def health():
    return {"status": "ok"}


@notes.get("/")
def index():
    return render_template("page.html", notes=store.newest(), text="")


@notes.post("/notes")
def create():
    store.add(request.form.get("text", "")[:200])
    return redirect(url_for("notes.index"))
