import datetime
import json
import re
from contextlib import asynccontextmanager

import pymysql
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse as StarletteJSON, Response
from starlette.routing import Route

import db
import rules

LATEST = """SELECT r.*, t.created_at FROM todo t JOIN revision r ON r.nr =
            (SELECT MAX(nr) FROM revision x WHERE x.todo_id = t.id) WHERE NOT r.deleted """


class JSONResponse(StarletteJSON):
    def render(self, content):
        return json.dumps(content).encode()  # ASCII, so that half of a character does no harm


@asynccontextmanager
async def lifespan(app):
    await run_in_threadpool(
        db.prepare,
        "CREATE TABLE IF NOT EXISTS todo (id BIGINT AUTO_INCREMENT PRIMARY KEY, created_at DATETIME(3) NOT NULL)",
        """CREATE TABLE IF NOT EXISTS revision (
            nr BIGINT AUTO_INCREMENT PRIMARY KEY, todo_id BIGINT NOT NULL, title VARCHAR(120) NOT NULL,
            description VARCHAR(1000) NOT NULL, done TINYINT NOT NULL, due_date VARCHAR(10) NULL,
            deleted TINYINT NOT NULL DEFAULT 0, KEY (todo_id, nr)) DEFAULT CHARSET = utf8mb4""")
    yield


def shape(row):
    stamp = row["created_at"].isoformat(timespec="milliseconds")
    return {"created_at": stamp + "Z", "due_date": row["due_date"], "done": row["done"] != 0,
            "description": row["description"], "title": row["title"], "id": row["todo_id"]}


def work(function):
    async def endpoint(self, request):
        raw = await request.body()
        def run():
            with db.connect() as connection, connection.cursor() as cursor:
                answer = function(request, raw, cursor)
                connection.commit()
                return answer
        return await run_in_threadpool(run)
    return endpoint


def fields(request, raw, whole):
    if not rules.is_json(request.headers.get("content-type")):
        raise HTTPException(415, "The body must be application/json.")
    return rules.read(raw, whole)


def current(request, cursor, lock=False):
    number = request.path_params["number"]
    row = None
    if re.fullmatch("[0-9]{1,18}", number):
        if lock:
            cursor.execute("SELECT id FROM todo WHERE id = %s FOR UPDATE", int(number))
        cursor.execute(LATEST + "AND t.id = %s", int(number))
        row = cursor.fetchone()
    if not row:
        raise HTTPException(404, "There is no such todo.")
    return row


def append(cursor, todo_id, f, deleted=0):
    cursor.execute("INSERT INTO revision (todo_id, title, description, done, due_date, deleted) "
                   "VALUES (%s, %s, %s, %s, %s, %s)",
                   (todo_id, f["title"], f["description"], int(f["done"]), f["due_date"], deleted))


class Todos(HTTPEndpoint):
    @work
    def get(request, raw, cursor):
        done, q, page, size = rules.listing(request.query_params.get)
        q = q.casefold()
        cursor.execute(LATEST + "ORDER BY t.id DESC")
        found = [r for r in cursor.fetchall() if (done is None or bool(r["done"]) == done)
                 and (q in r["title"].casefold() or q in r["description"].casefold())]
        part = found[(page - 1) * size:][:size]
        return JSONResponse({"items": [shape(r) for r in part], "page": page, "per_page": size, "total": len(found)})

    @work
    def post(request, raw, cursor):
        f = fields(request, raw, True)
        now = datetime.datetime.now(datetime.timezone.utc)
        now = now.replace(tzinfo=None, microsecond=now.microsecond // 1000 * 1000)
        cursor.execute("INSERT INTO todo (created_at) VALUES (%s)", now)
        number = cursor.lastrowid
        append(cursor, number, f)
        return JSONResponse(shape({**f, "todo_id": number, "created_at": now}), 201,
                            {"Location": str(request.url.replace(path=f"/todos/{number}", query="", fragment=""))})


class Todo(HTTPEndpoint):
    @work
    def get(request, raw, cursor):
        return JSONResponse(shape(current(request, cursor)))

    @work
    def put(request, raw, cursor):
        row = current(request, cursor, lock=True)
        row.update(fields(request, raw, request.method == "PUT"))
        append(cursor, row["todo_id"], row)
        return JSONResponse(shape(row))

    patch = put

    @work
    def delete(request, raw, cursor):
        row = current(request, cursor, lock=True)
        append(cursor, row["todo_id"], row, deleted=1)
        return Response(status_code=204)


class Health(HTTPEndpoint):
    async def get(self, request):
        return JSONResponse({"status": "ok"})


async def on_http(request, e):
    if e.status_code == 405 and not re.fullmatch("/health|/todos|/todos/[0-9]{1,18}", request.url.path):
        return JSONResponse({"error": "Not found."}, 404)
    return JSONResponse({"error": e.detail}, e.status_code, e.headers)


async def on_invalid(request, e):
    return JSONResponse(e.body(), 400)


async def on_database(request, e):
    return JSONResponse({"error": "The database cannot be reached."}, 503)


app = Starlette(
    lifespan=lifespan,
    routes=[Route("/health", Health), Route("/todos", Todos), Route("/todos/{number}", Todo)],
    exception_handlers={HTTPException: on_http, rules.Invalid: on_invalid, pymysql.MySQLError: on_database})
app.router.redirect_slashes = False
