"""The directory's routes."""

import csv
import io
import re
import secrets

import asyncpg
from aiohttp import web

import fields
import people
from fields import Refused
from lists import Query, cursor_of, order_by
from store import FIELDS, connected, open_pool

EVERYBODY, READERS, ADMINS = ("member", "viewer", "admin"), ("viewer", "admin"), ("admin",)
ROUTES = web.RouteTableDef()
HEAD = ("id", "email", "name", "role", "active", "note", "created_at")
SOME = 64
"""Rows of an export that are taken from the server at a time."""


def told(row):
    return dict(row) | {"created_at": row["created_at"].isoformat()}


def number_in(request):
    text = request.match_info["id"]
    if not re.fullmatch("[0-9]{1,18}", text):
        raise Refused(404, "There is nobody with this id.")
    return int(text)


@ROUTES.get("/health")
async def health(request):
    return web.json_response({"ok": True})


@ROUTES.get("/me")
async def me(request):
    return web.json_response(told(await people.asking(request, *EVERYBODY)))


@ROUTES.post("/login")
async def log_in(request):
    body = await fields.object_of(request)
    email, password = body.get("email"), body.get("password")
    if not fields.holds(email, 0, 10_000) or not fields.holds(password, 0, 10_000):
        raise Refused(400, "A log-in has two texts, email and password.")
    async with connected(request.app["pool"]) as connection:
        user = await connection.fetchrow(
            "SELECT id, active, password_hash FROM users WHERE email = $1::text::citext", email
        )
        kept = user["password_hash"] if user else None
        if not await people.is_password(password, kept) or not user["active"]:
            raise Refused(401, "That is no address and password of an active user.")
        token = secrets.token_urlsafe(40)
        await connection.execute(
            "INSERT INTO sessions (token_hash, user_id) VALUES ($1, $2)",
            people.digest(token), user["id"],
        )  # fmt: skip
    return web.json_response({"token": token})


@ROUTES.get("/users")
async def page(request):
    await people.asking(request, *READERS)
    query = Query(request.query)
    query.only("q", "role", "active", "sort", "limit", "offset", "cursor")
    limit, offset = query.whole("limit", 1, 100, 20), query.whole("offset", 0, 1_000_000, 0)
    sort = query.filter().sort()
    async with connected(request.app["pool"]) as connection:
        total = await connection.fetchval(
            f"SELECT count(*) FROM users {query.where}", *query.values
        )
        if "cursor" in request.query:
            if "offset" in request.query:
                raise Refused(400, "A page begins at a cursor or at an offset.")
            query.begin_after(request.query["cursor"], sort)
        rows = await connection.fetch(
            f"SELECT {FIELDS} FROM users {query.where} {order_by(sort)} "
            f"LIMIT {limit + 1} OFFSET {offset}",
            *query.values,
        )
    following = cursor_of(rows[limit - 1], sort) if len(rows) > limit else None
    items = [told(row) for row in rows[:limit]]
    return web.json_response({"items": items, "total": total, "next_cursor": following})


@ROUTES.post("/users")
async def add(request):
    await people.asking(request, *ADMINS)
    body = fields.checked(await fields.object_of(request), "active")
    if "email" not in body or "name" not in body:
        raise Refused(400, "A user has an email and a name.")
    secret = await people.password_hash(body.get("password"))
    async with connected(request.app["pool"]) as connection:
        row = await connection.fetchrow(
            "INSERT INTO users (email, name, role, note, password_hash) "
            f"VALUES ($1::text, $2, $3, $4, $5) RETURNING {FIELDS}",
            body["email"], body["name"], body.get("role", "member"), body.get("note", ""), secret,
        )  # fmt: skip
    place = str(request.url.with_path(f"/users/{row['id']}"))
    return web.json_response(told(row), status=201, headers={"Location": place})


@ROUTES.get("/users/{id}")
async def one(request):
    await people.asking(request, *READERS)
    async with connected(request.app["pool"]) as connection:
        row = await connection.fetchrow(
            f"SELECT {FIELDS} FROM users WHERE id = $1::bigint", number_in(request)
        )
    if row is None:
        raise Refused(404, "There is nobody with this id.")
    return web.json_response(told(row))


@ROUTES.patch("/users/{id}")
async def change(request):
    await people.asking(request, *ADMINS)
    number = number_in(request)
    body = dict(fields.checked(await fields.object_of(request)))
    if "password" in body:
        body["password_hash"] = await people.password_hash(body.pop("password"))
    async with connected(request.app["pool"]) as connection, connection.transaction():
        if "role" in body or "active" in body:
            await connection.execute("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
        row = await changed(connection, number, body)
        if body.get("active") is False:
            await connection.execute("DELETE FROM sessions WHERE user_id = $1", number)
        if ("role" in body or "active" in body) and not await connection.fetchval(
            "SELECT count(*) FROM users WHERE role = 'admin' AND active"
        ):
            raise Refused(409, "Nobody would be left who is an admin.")
    return web.json_response(told(row))


async def changed(connection, number, body):
    """The row of a user after a change of some columns."""
    values = [number, *body.values()]
    kinds = {"email": "::text", "active": "::boolean"}
    assigned = [f"{name} = ${at}{kinds.get(name, '')}" for at, name in enumerate(body, start=2)]
    sql = f"UPDATE users SET {', '.join(assigned or ['id = id'])} WHERE id = $1::bigint"
    row = await connection.fetchrow(f"{sql} RETURNING {FIELDS}", *values)
    if row is None:
        raise Refused(404, "There is nobody with this id.")
    return row


@ROUTES.get("/users.csv")
async def export(request):
    await people.asking(request, *READERS)
    query = Query(request.query)
    query.only("q", "role", "active")
    query.filter()
    response = web.StreamResponse(headers={
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="users.csv"',
    })  # fmt: skip
    sql = f"SELECT {FIELDS} FROM users {query.where} ORDER BY id"
    async with connected(request.app["pool"]) as connection, connection.transaction():
        await response.prepare(request)
        await response.write(lines([HEAD]))
        rows = []
        async for row in connection.cursor(sql, *query.values, prefetch=SOME):
            rows.append(cells(row))
            if len(rows) == SOME:
                await response.write(lines(rows))
                rows.clear()
        await response.write(lines(rows))
    await response.write_eof()
    return response


def lines(rows):
    sheet = io.StringIO()
    csv.writer(sheet).writerows(rows)
    return sheet.getvalue().encode()


def cells(row):
    found = told(row) | {"active": str(row["active"]).lower()}
    for name in ("email", "name", "note"):
        if re.match(r"[=+\-@\t\r]", found[name]):
            found[name] = "'" + found[name]
    return [found[name] for name in HEAD]


@web.middleware
async def errors(request, handler):
    """One form for all errors."""
    headers = {}
    try:
        return await handler(request)
    except Refused as refused:
        status, sentence = refused.status, str(refused)
    except asyncpg.UniqueViolationError:
        status, sentence = 409, "This address belongs to another user."
    except web.HTTPException as error:
        if error.status < 400:
            raise
        status, sentence = error.status, error.reason
        headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    return web.json_response({"error": sentence}, status=status, headers=headers)


async def with_pool(app):
    app["pool"] = await open_pool()
    yield
    app["pool"].terminate()


def make_app():
    app = web.Application(middlewares=[errors], client_max_size=2**20)
    app.add_routes(ROUTES)
    app.cleanup_ctx.append(with_pool)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="0.0.0.0", port=5000, access_log=None, shutdown_timeout=2)
