"""The routes of the guestbook."""

from contextlib import asynccontextmanager
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route
from starlette.templating import Jinja2Templates

import book
import pool

pages = Jinja2Templates("pages")
FORM = "application/x-www-form-urlencoded"
MOST = 2**63 - 1


@asynccontextmanager
async def lifespan(app):
    await run_in_threadpool(pool.fill)
    yield


def number_of(request):
    text = request.path_params["number"]
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) > MOST:
        raise HTTPException(404)
    return int(text)


async def fields_of(request):
    if not request.headers.get("content-type", FORM).startswith(FORM):
        raise HTTPException(415)
    return await request.form()


def name_in(form):
    name = form.get("name", "").strip()
    if not name or len(name) > 50 or set(name) & set("\r\n\0"):
        raise HTTPException(400, "A name has 1 to 50 characters in one line.")
    return name


async def health(request):
    return PlainTextResponse("up")


async def entries(request):
    text, number = request.query_params.get("q", ""), request.query_params.get("page", "1")
    if not (number.isascii() and number.isdigit()) or len(number) > 12 or int(number) < 1:
        raise HTTPException(404)
    found, more = await run_in_threadpool(book.entries, text, int(number))
    query = {"page": int(number) + 1} | ({"q": text} if text else {})
    older = urlencode(query) if more else ""
    return pages.TemplateResponse(
        request, "entries.html", {"entries": found, "q": text, "older": older}
    )


async def write(request):
    form = await fields_of(request)
    name, message, rating = name_in(form), form.get("message", ""), form.get("rating", "")
    if not message.strip() or len(message) > 500:
        raise HTTPException(400, "A message has 1 to 500 characters.")
    if rating not in {"1", "2", "3", "4", "5"}:
        raise HTTPException(400, "A rating is a number from 1 to 5.")
    await run_in_threadpool(book.write, name, message, rating)
    return RedirectResponse("/", 303)


def removes(table, to):
    async def remove(request):
        if not await run_in_threadpool(book.remove, table, number_of(request)):
            raise HTTPException(404)
        return RedirectResponse(to, 303)

    return remove


async def authors(request):
    found = await run_in_threadpool(book.authors)
    return pages.TemplateResponse(request, "authors.html", {"authors": found})


async def found_author(request):
    found = await run_in_threadpool(book.author, number_of(request))
    if found is None:
        raise HTTPException(404)
    return found


async def author(request):
    return pages.TemplateResponse(request, "author.html", {"author": await found_author(request)})


async def rename(request):
    found, form = await found_author(request), await fields_of(request)
    name = name_in(form)
    try:
        await run_in_threadpool(book.rename, found["id"], name)
    except book.Taken as error:
        raise HTTPException(409, "Another author has this name.") from error
    return RedirectResponse(f"/authors/{found['id']}", 303)


async def failed(request, error):
    page = f"<!doctype html><title>{error.status_code}</title><p>That did not work.</p>"
    return HTMLResponse(page, error.status_code, headers=error.headers)


app = Starlette(
    lifespan=lifespan,
    exception_handlers={HTTPException: failed},
    routes=[
        Route("/health", health),
        Route("/", entries),
        Route("/entries", write, methods=["POST"]),
        Route("/entries/{number}/delete", removes("entries", "/"), methods=["POST"]),
        Route("/authors", authors),
        Route("/authors/{number}", author),
        Route("/authors/{number}/rename", rename, methods=["POST"]),
        Route("/authors/{number}/delete", removes("authors", "/authors"), methods=["POST"]),
    ],
)
