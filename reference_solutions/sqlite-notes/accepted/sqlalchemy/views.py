"""The routes."""

import secrets
from datetime import UTC, datetime
from functools import wraps

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

import store
from models import Book, Entry, db

views = Blueprint("views", __name__)
LARGEST_FILE = 8 << 20
LARGEST_ID = (1 << 63) - 1


def now():
    return datetime.now(UTC).isoformat()


# -- input ------------------------------------------------------------------------------


def given(**wanted):
    """The body's fields; each of `wanted` has its most characters, below 0 where optional."""
    return checked(request.get_json(silent=True), wanted)


def checked(data, wanted):
    if not isinstance(data, dict) or not set(data) <= set(wanted):
        abort(400, "The body has to be a JSON object with the fields of the brief.")
    found = {}
    for name, most in wanted.items():
        value = data.get(name, "" if most is not None and most < 0 else None)
        if most is None:
            found[name] = value
            continue
        fits = isinstance(value, str) and len(value) <= abs(most)
        if not fits or (most > 0 and not value.strip()) or not encodable(value):
            abort(400, f"{name} is no text of at most {abs(most)} characters.")
        found[name] = value
    return found


def encodable(text):
    try:
        return text.encode() is not None
    except UnicodeEncodeError:
        return False


def parameter(name, default, low, high):
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 19 or not low <= int(text) <= high:
        abort(400, f"{name} has to be a whole number from {low} to {high}.")
    return int(text)


def found(model, name):
    number = int(name) if name.isascii() and name.isdecimal() and len(name) < 19 else 0
    row = db.session.get(model, number)
    return row or abort(404, f"There is no such {model.__tablename__}.")


# -- notebooks --------------------------------------------------------------------------


@views.get("/health")
def health():
    return {"status": "ok"}


@views.get("/notebooks")
def notebooks():
    return {"items": [one.shown() for one in db.session.scalars(select(Book).order_by(-Book.id))]}


@views.post("/notebooks")
def new_notebook():
    book = made_book(given(name=80)["name"], [])
    return book, 201, {"Location": f"/notebooks/{book['id']}"}


@views.post("/import")
def new_import():
    body = given(name=80, notes=None)
    if not isinstance(body["notes"], list) or len(body["notes"]) > 500:
        abort(400, "notes has to be a list of at most 500.")
    wanted = [checked(one, {"title": 120, "body": -20_000}) for one in body["notes"]]
    return made_book(body["name"], wanted), 201


def made_book(name, wanted):
    moment = now()
    try:
        with store.writing() as session:
            book = Book(name=name, made=moment)
            session.add(book)
            session.flush()
            number = book.id
            rows = [{"book_id": number, "made": moment, "changed": moment, **one} for one in wanted]
            if rows:
                session.execute(Entry.__table__.insert(), rows)
    except IntegrityError:
        abort(409, "There is a notebook of that name.")
    return db.session.get(Book, number).shown()


@views.get("/notebooks/<name>")
def one_notebook(name):
    return found(Book, name).shown()


@views.delete("/notebooks/<name>")
def delete_notebook(name):
    return deleted(Book, name)


def deleted(model, name):
    number = found(model, name).id
    with store.writing() as session:
        gone = session.execute(model.__table__.delete().where(model.__table__.c.id == number))
    if not gone.rowcount:
        abort(404, "It is gone.")
    return "", 204


# -- notes ------------------------------------------------------------------------------


@views.get("/notes")
def notes():
    limit = parameter("limit", 20, 1, 100)
    offset = parameter("offset", 0, 0, 1_000_000)
    book = parameter("notebook", None, 1, LARGEST_ID)
    query = select(Entry)
    if book is not None:
        query = query.where(Entry.book_id == book)
    if text := request.args.get("q"):
        query = query.where(func.contains(Entry.title, text) | func.contains(Entry.body, text))
    total = db.session.scalar(select(func.count()).select_from(query.subquery()))
    rows = db.session.scalars(query.order_by(Entry.id.desc()).limit(limit).offset(offset))
    return {"items": [one.shown() for one in rows], "total": total}


@views.post("/notes")
def new_note():
    body = given(notebook=None, title=120, body=-20_000)
    number = body.pop("notebook")
    if type(number) is not int or not 1 <= number <= LARGEST_ID:
        abort(400, "notebook has to be the id of a notebook.")
    moment = now()
    try:
        with store.writing() as session:
            entry = Entry(book_id=number, made=moment, changed=moment, **body)
            session.add(entry)
            session.flush()
            shown = entry.shown()
    except IntegrityError:
        abort(400, "There is no such notebook.")
    return shown, 201, {"Location": f"/notes/{shown['id']}"}


@views.get("/notes/<name>")
def one_note(name):
    return found(Entry, name).shown()


@views.put("/notes/<name>")
def change_note(name):
    number = found(Entry, name).id
    body = given(title=120, body=-20_000)
    with store.writing() as session:
        entry = session.get(Entry, number) or abort(404, "It is gone.")
        entry.title, entry.body, entry.changed = body["title"], body["body"], now()
        session.flush()
        shown = entry.shown()
    return shown


@views.delete("/notes/<name>")
def delete_note(name):
    return deleted(Entry, name)


# -- backup -----------------------------------------------------------------------------


def for_operators(view):
    """Ask for the token."""

    @wraps(view)
    def asked():
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        wanted = current_app.config["BACKUP_TOKEN"].encode()
        if scheme.lower() != "bearer" or not secrets.compare_digest(token.encode(), wanted):
            abort(401, "A token is needed.")
        return view()

    return asked


@views.get("/backup")
@for_operators
def backup():
    named = {"Content-Disposition": 'attachment; filename="notes.sqlite3"'}
    return Response(store.backup(), mimetype="application/octet-stream", headers=named)


@views.post("/restore")
@for_operators
def restore():
    content = request.stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        abort(413, "The file has more than 8 MiB.")
    try:
        books, entries = store.restore(content)
    except store.NoBackup as error:
        abort(400, str(error))
    return {"notebooks": books, "notes": entries}
