"""The site: pages, and an API under /api."""

import json
import os
import re
from html import escape

from bottle import Bottle, HTTPError, HTTPResponse, redirect, request, response

site = Bottle()
USERS = {"ada": ""}
NOTES = []  # the note of id n stands at n - 1; None where it was deleted
PAGE = '<!doctype html><meta charset="utf-8"><title>Hello</title>{}<p><a href="/">Home</a>'
FORM = """<h1>{}</h1><form method=post action=/users/new>
<input name=name> <textarea name=about></textarea> <button>Register</button></form>"""


def page(content, status=200):
    return HTTPResponse(PAGE.format(content), status, Content_Type="text/html; charset=utf-8")


def answer(value, status=200, **headers):
    text = json.dumps(value)
    return HTTPResponse(text, status, headers={"Content-Type": "application/json"} | headers)


@site.get(["/health", "/health/"])
def health():
    return answer({"status": "ok"})


@site.get("/")
def home():
    return page('<h1>Hello</h1><a href="/hello">Hello</a> <a href="/users/new">Register</a>')


@site.get(["/hello", "/hello/", "/hello/<name>", "/hello/<name>/"])
def hello(name="World"):
    return page(f"<h1>Hello, {escape(name)}!</h1>")


@site.get(["/boom", "/api/boom"])
def boom():
    raise RuntimeError(request.query.why)


@site.get(["/users/new", "/users/new/"])
def form():
    return page(FORM.format("Who are you?"))


@site.post(["/users/new", "/users/new/"])
def register():
    name, about = request.forms.name, request.forms.about
    if not re.fullmatch("[0-9a-z]{1,20}", name) or name == "new" or len(about) > 200:
        return page(FORM.format("Another name, or fewer words, please"), 400)
    if name in USERS:
        return page(FORM.format("Somebody else has this name"), 409)
    USERS[name] = about
    redirect(f"/users/{name}", 302)


@site.get(["/users/<name>", "/users/<name>/"])
def profile(name):
    if name not in USERS:
        raise HTTPError(404, "There is no such user.")
    return page(f"<h1>{name}</h1><blockquote>{escape(USERS[name])}</blockquote>")


def number(text):
    # Not in the route: its $ would let a line break at the end through.
    if not re.fullmatch("[0-9]{1,7}", text) or int(text) > 1_000_000:
        raise HTTPError(404, "That is no number from 0 to 1000000.")
    return int(text)


@site.get("/api/calc/<name>/<a>/<b>")
def calculate(name, a, b):
    a, b = number(a), number(b)
    if name == "divide" and b == 0:
        raise HTTPError(400, "b is zero.")
    results = {"add": a + b, "subtract": a - b, "multiply": a * b, "divide": a / (b or 1)}
    if name not in results:
        raise HTTPError(404, "There is no such operation.")
    return answer({"result": results[name]})


def taken(**kinds):
    """The fields of the body, each of its type and with a value in its range."""
    if (request.content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPError(415, "Send JSON, as application/json.")
    try:
        body = json.loads(request.body.read())
    except ValueError:
        raise HTTPError(400, "That is no JSON.") from None
    for name, (kind, sizes) in kinds.items():
        value = body.get(name) if isinstance(body, dict) else None
        size = len(value) if isinstance(value, str) else value
        if type(value) is not kind or size not in sizes:
            raise HTTPError(400, f"{name} is missing or wrong.")
    return [body[name] for name in kinds]


@site.post("/api/echo")
def echo():
    message, repeat = taken(message=(str, range(1, 201)), repeat=(int, range(1, 11)))
    return answer({"echo": [message] * repeat})


def authorise():
    # get_header() raises an error where a header is not encoded in UTF-8.
    if request.environ.get("HTTP_AUTHORIZATION") != f"Bearer {os.environ['API_TOKEN']}":
        raise HTTPError(401, "This needs the token.", headers={"WWW-Authenticate": "Bearer"})


def existing(number):
    if not 0 < number <= len(NOTES) or NOTES[number - 1] is None:
        raise HTTPError(404, "There is no such note.")
    return NOTES[number - 1]


@site.get("/api/notes")
def notes():
    return answer({"notes": [note for note in NOTES if note]})


@site.post("/api/notes")
def write_note():
    authorise()
    (text,) = taken(text=(str, range(1, 201)))
    NOTES.append({"id": len(NOTES) + 1, "text": text})
    note = NOTES[-1]
    return answer(note, 201, Location=f"/api/notes/{note['id']}")


@site.get("/api/notes/<number:int>")
def note(number):
    return answer(existing(number))


@site.delete("/api/notes/<number:int>")
def drop_note(number):
    authorise()
    existing(number)
    NOTES[number - 1] = None
    return HTTPResponse(status=204)


def failed(error):
    """Every error comes here; Bottle has logged the exception of a 500 already."""
    if error.status_code == 405 and request.method == "OPTIONS":
        response.status = 204
        return ""
    text = str(error.body)
    if request.path.startswith("/api/"):
        response.content_type = "application/json"
        return json.dumps({"error": text})
    response.content_type = "text/html; charset=utf-8"
    return PAGE.format(f"<h1>{error.status_line}</h1><p>{escape(text)}")


site.default_error_handler = failed
