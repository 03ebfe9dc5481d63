"""The notes of a user: nobody else reads or deletes them."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for

from .accounts import account_page
from .database import row, run
from .security import login_required

blueprint = Blueprint("notes", __name__)


def own_note(note_id):
    note = row("SELECT * FROM notes WHERE id = %s AND user_id = %s", note_id, g.user["id"])
    if note is None:
        abort(404)
    return note


@blueprint.post("/notes")
@login_required
def create():
    text = request.form.get("text", "")
    if not text.strip() or len(text) > 500:
        return account_page(400, "A note has 1 to 500 characters.")
    note_id = run("INSERT INTO notes (user_id, text) VALUES (%s, %s)", g.user["id"], text)
    return redirect(url_for("notes.show", note_id=note_id), 303)


@blueprint.get("/notes/<int:note_id>")
@login_required
def show(note_id):
    return render_template("note.html", note=own_note(note_id))


@blueprint.post("/notes/<int:note_id>/delete")
@login_required
def delete(note_id):
    run("DELETE FROM notes WHERE id = %s", note_id)
    return redirect(url_for("accounts.account"), 303)
