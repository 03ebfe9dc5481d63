"""Notes. Everybody may read them; who sends the token may change them."""

import functools
import hmac
import itertools

from flask import abort, request, url_for

from . import app

notes = {}
ids = itertools.count(1)


def needs_token(view):
    """Answers 401 unless the request has the header `Authorization: Bearer <API_TOKEN>`."""

    @functools.wraps(view)
    def checked(**arguments):
        sent = request.headers.get("Authorization", "")
        wanted = f"Bearer {app.config['API_TOKEN']}"
        # Takes the same time wherever the two differ, so that nobody can guess letter by letter.
        if not hmac.compare_digest(sent.encode(), wanted.encode()):
            return {"error": "Send the token."}, 401, {"WWW-Authenticate": "Bearer"}
        return view(**arguments)

    return checked


def find(note_id):
    if note_id not in notes:
        abort(404, "There is no such note.")
    return notes[note_id]


@app.get("/api/notes")
def list_notes():
    return {"notes": list(notes.values())}


@app.post("/api/notes")
@needs_token
def create_note():
    text = request.get_json().get("text", "")
    note = {"id": next(ids), "text": text}
    notes[note["id"]] = note
    return note, 201, {"Location": url_for("get_note", note_id=note["id"])}


@app.get("/api/notes/<int:note_id>")
def get_note(note_id):
    return find(note_id)


@app.delete("/api/notes/<int:note_id>")
@needs_token
def delete_note(note_id):
    find(note_id)
    del notes[note_id]
    return "", 204
