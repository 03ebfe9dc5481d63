"""The page and its form."""

from flask import Blueprint, flash, redirect, render_template, request, url_for

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
    text = request.form.get("text", "").strip()
    if not text or len(text) > 200:
        flash("A note needs 1 to 200 characters.")
        return render_template("page.html", notes=store.newest(), text=text), 400
    store.add(text)
    return redirect(url_for("notes.index"))
