"""The site with FastAPI."""

import logging
import os
import uuid
from enum import StrEnum
from html import escape
from secrets import compare_digest
from typing import Annotated

from fastapi import Depends, FastAPI, Form, HTTPException, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field, StrictInt
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Match

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
log = logging.getLogger("uvicorn.error")
users = {"ada": "Countess of Lovelace"}
notes: dict[int, dict] = {}


def page(content, status=200):
    html = f"<!DOCTYPE html><title>Hello</title><body>{content}<hr><a href='/'>Home</a></body>"
    return HTMLResponse(html, status)


def failure(request, status, text, headers=None):
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": text}, status, headers)
    response = page(f"<h1>{status}</h1><p>{escape(text)}</p>", status)
    response.headers.update(headers or {})
    return response


# --- what holds for every answer -------------------------------------------------------------


def methods_of(request):
    """All methods that the routes of this path take."""
    found = set()
    for route in app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods
    return ", ".join(sorted(found | {"OPTIONS"})) if found else ""


@app.middleware("http")
async def around(request: Request, call_next):
    number = request.headers.get("x-request-id") or uuid.uuid4().hex
    allow = methods_of(request)
    if request.method == "OPTIONS" and allow:
        response = Response(status_code=200, headers={"Allow": allow})
    else:
        try:
            response = await call_next(request)
        except Exception:
            log.exception("%s failed", request.url.path)
            response = failure(request, 500, "Something broke. We will look after it.")
        if response.status_code == 405:
            response.headers["Allow"] = allow
    response.headers["X-Request-ID"] = number
    if request.url.path.startswith("/api/"):
        response.headers["Vary"] = "Origin"
        if request.headers.get("origin") == os.environ["ALLOWED_ORIGIN"]:
            response.headers["Access-Control-Allow-Origin"] = request.headers["origin"]
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Access-Control-Allow-Methods"] = allow
            response.headers["Access-Control-Allow-Headers"] = "authorization,content-type"
    return response


@app.exception_handler(StarletteHTTPException)
async def refused(request, error):
    return failure(request, error.status_code, error.detail, error.headers)


@app.exception_handler(RequestValidationError)
async def invalid(request, error):
    in_path = any(one["loc"][0] == "path" for one in error.errors())
    said = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors())
    return failure(request, 404 if in_path else 400, said)


# --- pages -----------------------------------------------------------------------------------


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/")
def home():
    return page("<a href='/hello'>Hello</a> <a href='/users/new'>Register</a>")


@app.get("/hello")
def hello_world():
    return hello("World")


@app.get("/hello/{name}")
def hello(name: str):
    return page(f"Hello, {escape(name)}!")


@app.get("/boom")
@app.get("/api/boom")
def boom(why: str = ""):
    raise RuntimeError(why)


# Routes are tried in this order, so the form has to come before the profile.
@app.get("/users/new")
def form(problem: str = "", status: int = 200):
    return page(
        f"<p>{problem}</p><form method='post'><input name='name'><input name='about'>"
        "<input type='submit'></form>",
        status,
    )


@app.post("/users/new")
def register(name: Annotated[str, Form()] = "", about: Annotated[str, Form()] = ""):
    plain = name.isascii() and name.isalnum() and name.lower() == name
    if not plain or len(name) > 20 or name == "new" or len(about) > 200:
        return form("That will not do.", 400)
    if name in users:
        return form("That name is taken.", 409)
    users[name] = about
    return RedirectResponse(f"/users/{name}", 303)


@app.get("/users/{name}")
def profile(name: str):
    if name not in users:
        raise HTTPException(404, "We do not know this user.")
    return page(f"<h2>{name}</h2>{escape(users[name])}")


# --- API -------------------------------------------------------------------------------------


class Operation(StrEnum):
    add = "add"
    subtract = "subtract"
    multiply = "multiply"
    divide = "divide"


class Message(BaseModel):
    message: str = Field(min_length=1, max_length=200)
    repeat: StrictInt = Field(ge=1, le=10)


class NewNote(BaseModel):
    text: str = Field(min_length=1, max_length=200)


Number = Annotated[str, Path(pattern="^[0-9]{1,7}$")]


@app.get("/api/calc/{operation}/{a}/{b}")
def calculate(operation: Operation, a: Number, b: Number):
    left, right = int(a), int(b)
    if max(left, right) > 1_000_000:
        raise HTTPException(404, "A number is from 0 to 1000000.")
    match operation:
        case Operation.add:
            return {"result": left + right}
        case Operation.subtract:
            return {"result": left - right}
        case Operation.multiply:
            return {"result": left * right}
    if right == 0:
        raise HTTPException(400, "b must not be zero.")
    return {"result": left / right}


@app.post("/api/echo")
def echo(body: Message):
    return {"echo": [body.message for _ in range(body.repeat)]}


def has_token(request: Request):
    sent = request.headers.get("authorization", "").encode()
    if not compare_digest(sent, b"Bearer " + os.environ["API_TOKEN"].encode()):
        headers = {"WWW-Authenticate": 'Bearer realm="notes"'}
        raise HTTPException(401, "Only with the token.", headers=headers)


def known(note_id: str):
    if not note_id.isdecimal() or int(note_id) not in notes:
        raise HTTPException(404, "No such note.")
    return int(note_id)


@app.get("/api/notes")
def all_notes():
    return {"notes": [*notes.values()]}


@app.post("/api/notes", status_code=201, dependencies=[Depends(has_token)])
async def create(body: NewNote, response: Response):
    note_id = max(notes, default=0) + 1
    notes[note_id] = {"id": note_id, "text": body.text}
    response.headers["Location"] = f"/api/notes/{note_id}"
    return notes[note_id]


@app.get("/api/notes/{note_id}")
def read(note_id: Annotated[int, Depends(known)]):
    return notes[note_id]


@app.delete("/api/notes/{note_id}", status_code=204, dependencies=[Depends(has_token)])
async def delete(note_id: Annotated[int, Depends(known)]):
    del notes[note_id]


# HEAD for each GET: uvicorn leaves the body out by itself.
for route in app.routes:
    if "GET" in route.methods:
        route.methods.add("HEAD")
