"""The board: a page, and the same as JSON."""

import json
import os

import storage
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route
from starlette.templating import Jinja2Templates

pages = Jinja2Templates(directory="pages")
LONGEST = {"author": 60, "text": 500}


def wrong(values):
    """A sentence for each field that breaks a rule."""
    found = {}
    for name, longest in LONGEST.items():
        value = values.get(name)
        if not isinstance(value, str) or not value.strip():
            found[name] = f"Please fill in {name}."
        elif len(value) > longest:
            found[name] = f"{name} has at most {longest} characters."
        elif value != value.encode(errors="replace").decode():  # one half of a surrogate pair
            found[name] = f"{name} has a character that is none."
    return found


def as_json(letter):
    return letter | {"created_at": letter["created_at"].isoformat() + "+00:00"}


def health(_request):
    return PlainTextResponse("well")


def show(request, status=200, entered=(), problems=()):
    letters, _ = storage.latest()
    context = {
        "letters": letters, "entered": dict(entered), "problems": dict(problems),
        "note": request.session.pop("note", "") if status == 200 else "",
    }
    return pages.TemplateResponse(request, "board.html", context, status_code=status)


def home(request):
    return show(request)


async def submit(request):
    form = await request.form()
    values = {name: str(form.get(name, "")) for name in LONGEST}
    # A browser sends line ends as CR LF, whatever was typed.
    values = {name: value.replace("\r\n", "\n") for name, value in values.items()}
    if problems := wrong(values):
        return await run_in_threadpool(show, request, 400, values, problems)
    await run_in_threadpool(storage.add, values["author"], values["text"])
    request.session["note"] = "Saved."
    return RedirectResponse("/", 302)


def listing(_request):
    letters, total = storage.latest()
    return JSONResponse({"items": [as_json(one) for one in letters], "total": total})


async def create(request):
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "Send JSON.")
    try:
        values = json.loads(await request.body())
    except ValueError:
        raise HTTPException(400, "The body is no JSON.") from None
    if not isinstance(values, dict):
        raise HTTPException(400, "The body is no JSON object.")
    if problems := wrong(values):
        raise HTTPException(400, " ".join(problems.values()))
    letter = await run_in_threadpool(storage.add, values["author"], values["text"])
    place = {"Location": f"{request.base_url}api/messages/{letter['id']}"}
    return JSONResponse(as_json(letter), 201, headers=place)


def read(request):
    position = request.path_params["position"]
    letter = storage.one(position) if position.isdecimal() and len(position) < 19 else None
    if letter is None:
        raise HTTPException(404, "There is no such message.")
    return JSONResponse(as_json(letter))


def refused(request, error):
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)
    return PlainTextResponse(error.detail, error.status_code, headers=error.headers)


def away(request, _error):
    return refused(request, HTTPException(503, "The board is closed for the moment."))


def secret_key():
    key = os.environ.get("SECRET_KEY")
    if not key:
        raise SystemExit("SECRET_KEY is missing or empty: there is no app without it.")
    return key


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/", home),
        Route("/messages", submit, methods=["POST"]),
        Route("/api/messages", listing),
        Route("/api/messages", create, methods=["POST"]),
        Route("/api/messages/{position}", read),
    ],
    middleware=[Middleware(SessionMiddleware, secret_key=secret_key())],
    exception_handlers={HTTPException: refused, **dict.fromkeys(storage.Lost, away)},
)
