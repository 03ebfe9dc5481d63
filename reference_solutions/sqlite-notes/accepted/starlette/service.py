"""The routes of the notes."""

import hmac
import json
import os
import sqlite3

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from library import Library, Refused

LARGEST = 8 * 1024 * 1024
library = Library(os.environ["DATABASE_PATH"])
token = os.environ["BACKUP_TOKEN"].encode()
library.prepare()


# -- what is sent ------------------------------------------------------------------------


async def sent(request, **fields):
    """The values of a JSON object, in the order of `fields`: each a function that checks one."""
    try:
        data = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Refused(400, "The body is no JSON.") from None
    return taken(data, fields)


def taken(data, fields):
    if not isinstance(data, dict) or set(data) - set(fields):
        raise Refused(400, f"The body has to be an object with {', '.join(fields)}.")
    return [check(name, data[name] if name in data else ...) for name, check in fields.items()]


def line(most):
    def check(name, value):
        if not isinstance(value, str) or not value.strip() or len(value) > most:
            raise Refused(400, f"{name} has to be a text of 1 to {most} characters.")
        return whole(value)

    return check


def text(name, value):
    if value is ...:
        return ""
    if not isinstance(value, str) or len(value) > 20_000:
        raise Refused(400, f"{name} has to be a text of at most 20000 characters.")
    return whole(value)


def whole(value):
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Refused(400, "Half of a character cannot be saved.")
    return value


def reference(name, value):
    if type(value) is not int or not 0 < value < 1 << 63:
        raise Refused(400, f"{name} has to be the id of a notebook.")
    return value


def listed(name, value):
    if not isinstance(value, list) or len(value) > 500:
        raise Refused(400, f"{name} has to be a list of at most 500 notes.")
    return [taken(one, {"title": line(120), "body": text}) for one in value]


def parameter(request, name, default, low, high):
    written = request.query_params.get(name)
    if written is None:
        return default
    if not written.isascii() or not written.isdigit() or not low <= int(written[:20]) <= high:
        raise Refused(400, f"{name} has to be a whole number from {low} to {high}.")
    return int(written)


def identity(request):
    written = request.path_params["number"]
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else 0


# -- routes ------------------------------------------------------------------------------


async def health(request):
    return JSONResponse({"status": "ok"})


async def notebooks(request):
    if request.method == "POST":
        (name,) = await sent(request, name=line(80))
        made = await run_in_threadpool(library.add_book, name)
        return JSONResponse(made, 201, {"Location": f"/notebooks/{made['id']}"})
    return JSONResponse({"items": await run_in_threadpool(library.books)})


async def notebook(request):
    if request.method == "DELETE":
        await run_in_threadpool(library.remove_book, identity(request))
        return Response(status_code=204)
    return JSONResponse(await run_in_threadpool(library.book, identity(request)))


async def notes(request):
    if request.method == "POST":
        given = await sent(request, notebook=reference, title=line(120), body=text)
        made = await run_in_threadpool(library.add_note, *given)
        return JSONResponse(made, 201, {"Location": str(request.url_for("note", number=made["id"]))})
    items, total = await run_in_threadpool(
        library.notes,
        parameter(request, "notebook", None, 1, (1 << 63) - 1),
        request.query_params.get("q", ""),
        parameter(request, "limit", 20, 1, 100),
        parameter(request, "offset", 0, 0, 1_000_000),
    )
    return JSONResponse({"items": items, "total": total})


async def note(request):
    number = identity(request)
    if request.method == "DELETE":
        await run_in_threadpool(library.remove_note, number)
        return Response(status_code=204)
    if request.method == "PUT":
        await run_in_threadpool(library.note, number)
        given = await sent(request, title=line(120), body=text)
        return JSONResponse(await run_in_threadpool(library.change_note, number, *given))
    return JSONResponse(await run_in_threadpool(library.note, number))


async def imported(request):
    given = await sent(request, name=line(80), notes=listed)
    return JSONResponse(await run_in_threadpool(library.add_book, *given), 201)


def require_token(request):
    given = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(given, b"Bearer " + token):
        raise Refused(401, "A token is needed.")


async def backup(request):
    require_token(request)
    content = await run_in_threadpool(library.backup)
    named = {"Content-Disposition": "attachment; filename=notes.sqlite"}
    return Response(content, media_type="application/x-sqlite3", headers=named)


async def restore(request):
    require_token(request)
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST:
            raise Refused(413, "The file has more than 8 MiB.")
    return JSONResponse(await run_in_threadpool(library.restore, content))


# -- errors ------------------------------------------------------------------------------


async def refused(request, error):
    return JSONResponse({"error": str(error)}, error.status)


async def of_starlette(request, error):
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def of_sqlite(request, error):
    return JSONResponse({"error": "The notes cannot be saved now. Try again later."}, 503)


async def gone(request, error):
    return Response(status_code=400)


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/notebooks", notebooks, methods=["GET", "POST"]),
        Route("/notebooks/{number}", notebook, methods=["GET", "DELETE"]),
        Route("/notes", notes, methods=["GET", "POST"]),
        Route("/notes/{number}", note, methods=["GET", "PUT", "DELETE"]),
        Route("/import", imported, methods=["POST"]),
        Route("/backup", backup),
        Route("/restore", restore, methods=["POST"]),
    ],
    exception_handlers={
        Refused: refused,
        HTTPException: of_starlette,
        sqlite3.OperationalError: of_sqlite,
        sqlite3.DatabaseError: of_sqlite,
        ClientDisconnect: gone,
    },
)
