"""Notes. Everybody may read them; who sends the token may change them."""

import hmac
import itertools

from flask import abort, request, url_for

from . import app, checks

notes = {}
ids = itertools.count(1)


@app.before_request
def needs_token():
    if request.path.startswith("/api/notes") and request.method not in {"GET", "HEAD"}:
        sent = request.headers.get("Authorization", "")
        wanted = f"Bearer {app.config['API_TOKEN']}"
        if not hmac.compare_digest(sent.encode(), wanted.encode()):
            return {"error": "Send the token."}, 401, {"WWW-Authenticate": "Bearer"}


def find(note_id):
    if note_id not in notes:
        abort(404, "There is no such note.")
    return notes[note_id]


@app.get("/api/notes")
def list_notes():
    return {"notes": list(notes.values())}


@app.post("/api/notes")
def create_note():
    text = checks.text(checks.json_object(), "text", longest=200)
    note = {"id": next(ids), "text": text}
    notes[note["id"]] = note
    return note, 201, {"Location": url_for("get_note", note_id=note["id"])}


@app.get("/api/notes/<int:note_id>")
def get_note(note_id):
    return find(note_id)


@app.delete("/api/notes/<int:note_id>")
def delete_note(note_id):
    find(note_id)
    del notes[note_id]
    return "", 204
