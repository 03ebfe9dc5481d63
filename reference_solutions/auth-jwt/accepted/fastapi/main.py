"""Who may do what: FastAPI over MySQL."""

import time
from contextlib import asynccontextmanager
from typing import Annotated, Literal

import access
import bcrypt
import pymysql
import settings
import store
from fastapi import FastAPI, HTTPException, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field, StrictStr
from starlette.exceptions import HTTPException as StarletteError

NOBODY = bcrypt.hashpw(b"nobody", bcrypt.gensalt())
Admin = access.only("admin")
Writer = access.only("editor", "admin")


def not_blank(text):
    if not text.strip():
        raise ValueError("It is blank.")
    return text


class Credentials(BaseModel):
    username: Annotated[StrictStr, Field(pattern=r"^[a-z0-9_]{3,30}$")]
    password: Annotated[StrictStr, Field(pattern=r"^[ -~]{8,64}$")]


class Title(BaseModel):
    title: Annotated[StrictStr, Field(max_length=200), AfterValidator(not_blank)]


class Role(BaseModel):
    role: Literal["reader", "editor", "admin"]


class Refresh(BaseModel):
    refresh_token: StrictStr


@asynccontextmanager
async def life(_service):
    name, password = settings.ADMIN
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt())
    for attempt in range(100):
        try:
            store.set_up(name, hashed)
            break
        except pymysql.err.OperationalError:
            if attempt == 99:
                raise
            time.sleep(0.2)
    yield


service = FastAPI(lifespan=life, docs_url=None, redoc_url=None, openapi_url=None,
                  redirect_slashes=False)  # fmt: skip


@service.exception_handler(RequestValidationError)
def invalid(_request, error):
    return JSONResponse({"error": f"The request is not valid: {error.errors()[0]['msg']}."}, 400)


@service.exception_handler(StarletteError)
def http_error(request, error):
    headers = dict(error.headers or {})
    if error.status_code == 405:  # of all routes of the path, and not of the first one only
        path = request.scope["path"]
        same = [one for one in service.routes if getattr(one, "path_regex", None)
                and one.path_regex.match(path)]  # fmt: skip
        headers["Allow"] = ", ".join(sorted({name for one in same for name in one.methods}))
    return JSONResponse({"error": str(error.detail)}, error.status_code, headers=headers)


@service.get("/health")
def health():
    return {"status": "ok"}


@service.post("/register", status_code=201)
def register(sent: Credentials):
    hashed = bcrypt.hashpw(sent.password.encode(), bcrypt.gensalt())
    sql = "INSERT INTO person (name, secret, role) VALUES (%s, %s, 'reader')"
    try:
        _, number = store.change(sql, sent.username, hashed)
    except pymysql.err.IntegrityError:
        raise HTTPException(409, "This username is taken.") from None
    return {"id": number, "username": sent.username, "role": "reader"}


@service.post("/login")
def login(sent: Credentials):
    row = store.first("SELECT number, secret FROM person WHERE name = %s", sent.username)
    number, hashed = row or (None, NOBODY)
    if not bcrypt.checkpw(sent.password.encode(), hashed) or number is None:
        raise HTTPException(401, "Username or password is wrong.")
    return access.begin(number)


@service.post("/refresh")
def refresh(sent: Refresh):
    tokens = access.exchanged(sent.refresh_token)
    if tokens is None:
        raise HTTPException(401, "The refresh token does not count.")
    return tokens


@service.post("/logout", status_code=204)
def logout(caller: access.Anyone):
    access.end(caller.login)
    return Response(status_code=204)


@service.get("/me")
def me(caller: access.Anyone):
    return caller.user


ARTICLE = "SELECT piece.number, title, name FROM piece JOIN person ON person.number = person"


def article(row):
    return {"id": row[0], "title": row[1], "author": row[2].decode()}


def found(number, sql, what):
    """The row of that number. Numbers of other forms are those of nothing."""
    row = None
    if number.isascii() and number.isdigit() and len(number) < 10:
        row = store.first(sql, int(number))
    if row is None:
        raise HTTPException(404, f"There is no such {what}.")
    return row


def find_article(number):
    return found(number, f"{ARTICLE} WHERE piece.number = %s", "article")


@service.get("/articles")
def articles(_caller: access.Anyone):
    return {"articles": [article(row) for row in store.all_of(ARTICLE)]}


@service.post("/articles", status_code=201)
def add(caller: Writer, sent: Title):
    sql = "INSERT INTO piece (title, person) VALUES (%s, %s)"
    _, number = store.change(sql, sent.title, caller.number)
    return article(find_article(str(number)))


@service.put("/articles/{number}")
def change(number: str, caller: Writer, sent: Title):
    row = find_article(number)
    if caller.role != "admin" and row[2].decode() != caller.user["username"]:
        raise HTTPException(403, "This is somebody else's article.")
    store.change("UPDATE piece SET title = %s WHERE number = %s", sent.title, row[0])
    return article(find_article(number))


@service.delete("/articles/{number}", status_code=204)
def delete(number: str, _caller: Admin):
    store.change("DELETE FROM piece WHERE number = %s", find_article(number)[0])
    return Response(status_code=204)


USER = "SELECT number, name, role FROM person"


def user(row):
    return {"id": row[0], "username": row[1].decode(), "role": row[2]}


def find_user(number):
    return found(number, f"{USER} WHERE number = %s", "user")


@service.get("/users")
def users(_caller: Admin):
    return {"users": [user(row) for row in store.all_of(USER)]}


@service.put("/users/{number}/role")
def change_role(number: str, _caller: Admin, sent: Role):
    row = find_user(number)
    store.change("UPDATE person SET role = %s WHERE number = %s", sent.role, row[0])
    return user(find_user(number))


@service.post("/users/{number}/revoke", status_code=204)
def revoke(number: str, _caller: Admin):
    store.change("DELETE FROM login WHERE person = %s", find_user(number)[0])
    return Response(status_code=204)
