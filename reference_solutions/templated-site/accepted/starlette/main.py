"""The catalogue with Starlette. Views are plain functions, so they run in threads."""

import os
from contextlib import asynccontextmanager

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

import rows

env = Environment(loader=FileSystemLoader("pages"), autoescape=True, undefined=StrictUndefined)
env.globals.update(
    title=os.environ["SITE_TITLE"], currency=os.environ["CURRENCY"],
    support=os.environ["SUPPORT_EMAIL"],
)  # fmt: skip
env.filters["amount"] = lambda cents: f"{cents / 100:,.2f}"
env.filters["date"] = lambda day: day.strftime("%d %B %Y").lstrip("0")
templates = Jinja2Templates(env=env)


class Prefix:
    """Puts the prefix of the reverse proxy into root_path, where url_for looks for it."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            prefix = dict(scope["headers"]).get(b"x-forwarded-prefix", b"").decode("latin-1")
            # ASGI wants the root_path to be a part of the path
            scope = scope | {"root_path": prefix, "path": prefix + scope["path"]}
        await self.app(scope, receive, send)


def page(request, name, status=200, **values):
    return templates.TemplateResponse(request, name, values, status_code=status)


def health(request):
    return JSONResponse({"status": "ok"})


def home(request):
    return page(request, "home.j2", products=rows.find(limit=4), current="home")


def products(request):
    q, category = request.query_params.get("q", ""), request.query_params.get("category", "")
    return page(
        request, "list.j2", products=rows.find(q, category), categories=rows.categories(),
        q=q, category=category, current="products",
    )  # fmt: skip


def product(request):
    found = rows.find(number=request.path_params["number"])
    if not found:
        raise HTTPException(404)
    return page(request, "product.j2", product=found[0])


def about(request):
    return page(request, "about.j2", current="about")


def not_found(request, error):
    return page(request, "missing.j2", 404)


@asynccontextmanager
async def lifespan(app):
    rows.begin()
    yield


app = Prefix(
    Starlette(
        routes=[
            Route("/health", health),
            Route("/", home),
            Route("/products", products),
            Route("/products/{number:int}", product, name="product"),
            Route("/about", about),
            Mount("/assets", StaticFiles(directory="assets"), name="assets"),
        ],
        exception_handlers={404: not_found},
        lifespan=lifespan,
    )
)
