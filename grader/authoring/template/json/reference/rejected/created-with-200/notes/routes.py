"""Rejected: POST answers 200, where the contract says 201."""

from flask import Blueprint, abort, request

from notes import store

notes = Blueprint("notes", __name__)


@notes.get("/health")
def health():
    return {"status": "ok"}


@notes.get("/notes")
def index():
    return {"items": list(store.newest())}


@notes.post("/notes")
def create():
    body = request.get_json()
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.strip() or len(text) > 200:
        abort(400, "text has to be a text of 1 to 200 characters.")
    note = {"id": store.add(text), "text": text}
    return note


@notes.get("/notes/<int:note_id>")
def show(note_id):
    return store.find(note_id) or abort(404, "There is no such note.")
