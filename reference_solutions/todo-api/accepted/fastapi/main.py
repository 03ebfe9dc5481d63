"""Todos as an API: models say what may be sent, and FastAPI checks it."""

import re
import time
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import pymysql
import store
from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictStr
from starlette.exceptions import HTTPException as StarletteError

LARGEST = 2**63 - 1


def not_blank(text):
    if not text.strip():
        raise ValueError("It is blank.")
    return text


def a_date(text):
    if text is not None and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("It is no date like 2030-01-31.")
    if text is not None:
        date.fromisoformat(text)
    return text


class Changes(BaseModel):
    """What PATCH may send: any of the fields, and at least one."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[StrictStr, Field(max_length=120), AfterValidator(not_blank)] = None
    description: Annotated[StrictStr, Field(max_length=1000)] = ""
    done: StrictBool = False
    due_date: Annotated[StrictStr | None, AfterValidator(a_date)] = None


class Todo(Changes):
    """What POST and PUT send: a title, and the rest if it is no default."""

    title: Annotated[StrictStr, Field(max_length=120), AfterValidator(not_blank)]


@asynccontextmanager
async def life(_service):
    for attempt in range(100):
        try:
            store.set_up()
            break
        except pymysql.err.OperationalError:
            if attempt == 99:
                raise
            time.sleep(0.2)
    yield


# Without pages of documentation, and without redirects to paths that differ by a slash.
service = FastAPI(lifespan=life, docs_url=None, redoc_url=None, openapi_url=None,
                  redirect_slashes=False)


def refused(message, status, fields=None, headers=None):
    body = {"error": message} | ({"fields": fields} if fields else {})
    return JSONResponse(body, status, headers=headers)


@service.exception_handler(RequestValidationError)
def invalid(_request, error):
    fields = {
        str(one["loc"][1]): one["msg"]
        for one in error.errors()
        if one["loc"][0] == "body" and len(one["loc"]) > 1 and isinstance(one["loc"][1], str)
    }
    return refused("What was sent is not valid.", 400, fields)


@service.exception_handler(StarletteError)
def plain(request, error):
    headers = dict(error.headers or {})
    if error.status_code == 405:
        # Starlette names the methods of the first route of that path only.
        same = [route for route in service.routes if route.path_regex.match(request.url.path)]
        headers["Allow"] = ", ".join(sorted({name for route in same for name in route.methods}))
    return refused(str(error.detail), error.status_code, headers=headers)


@service.exception_handler(pymysql.err.OperationalError)
@service.exception_handler(pymysql.err.InterfaceError)
def away(_request, _error):
    return refused("The todos cannot be reached now.", 503)


@service.exception_handler(Exception)
def unforeseen(_request, _error):
    return refused("Something went wrong.", 500)


def shown(row):
    if row is None:
        raise HTTPException(404, "There is no todo of that number.")
    born = datetime.fromtimestamp(row["born"] / 1000, UTC)
    return {
        "id": row["number"],
        "title": row["caption"],
        "description": row["details"],
        "done": row["ticked"] == "yes",
        "due_date": row["due"],
        "created_at": born.isoformat(timespec="milliseconds"),
    }


def number_of(text):
    if not re.fullmatch("[0-9]{1,19}", text) or int(text) > LARGEST:
        raise HTTPException(404, "There is no todo of that number.")
    return int(text)


@service.get("/health")
def health():
    return {"status": "ok"}


Count = Annotated[str, Query(pattern="^[0-9]{1,7}$")]


@service.get("/todos")
def listing(q: str = "", done: Literal["true", "false"] | None = None,
            page: Count = "1", per_page: Count = "20"):
    page, per_page = int(page), int(per_page)
    if not 1 <= page <= 1_000_000 or not 1 <= per_page <= 100:
        return refused("page is from 1 to 1000000, per_page from 1 to 100.", 400)
    wanted = None if done is None else done == "true"
    rows, total = store.search(q, wanted, (page - 1) * per_page, per_page)
    return {"items": [shown(row) for row in rows], "page": page, "per_page": per_page,
            "total": total}


@service.post("/todos", status_code=201)
def create(todo: Todo, request: Request, response: Response):
    made = shown(store.insert(todo.model_dump(), time.time_ns() // 1_000_000))
    response.headers["Location"] = f"{request.base_url}todos/{made['id']}"
    return made


@service.get("/todos/{number}")
def read(number: str):
    return shown(store.get(number_of(number)))


@service.put("/todos/{number}")
def replace(number: str, todo: Todo):
    return shown(store.update(number_of(number), todo.model_dump()))


@service.patch("/todos/{number}")
def change(number: str, todo: Changes):
    sent = todo.model_dump(exclude_unset=True)
    if not sent:
        return refused("Name a field to change.", 400)
    return shown(store.update(number_of(number), sent))


@service.delete("/todos/{number}", status_code=204)
def remove(number: str):
    if not store.delete(number_of(number)):
        raise HTTPException(404, "There is no todo of that number.")
