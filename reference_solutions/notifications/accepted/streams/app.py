"""The house, over HTTP. An order and its job are one row; an id of the one is that of the other."""

import os
import re
from contextlib import asynccontextmanager

import redis
from pymysql.err import IntegrityError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from books import NOW, books, one, prepare

ADDRESS = re.compile(r"[a-zA-Z0-9._+-]+@[a-zA-Z0-9_+-]+(?:\.[a-zA-Z0-9_+-]+)+")
stream = redis.Redis.from_url(os.environ["STREAM"], socket_timeout=0.5, socket_connect_timeout=0.5)


class No(Exception):
    def __init__(self, status, error):
        self.status, self.error = status, error


def check(good, error="bad_request"):
    if not good:
        raise No(400, error)


def between(value, low, high):
    return type(value) is int and low <= value <= high


def row_id(value):
    text = str(value)
    return int(text) if re.fullmatch("[1-9][0-9]{0,17}", text) else 0


def found(row):
    if not row:
        raise No(404, "not_found")
    return row


async def body(request):
    try:
        given = await request.json()
    except ValueError:
        given = None
    check(isinstance(given, dict))
    return given


def order_of(given):
    check(isinstance(given, dict))
    event, email, seats = (given.get(name) for name in ("event_id", "email", "seats"))
    check(isinstance(event, int | str) and type(event) is not bool)
    check(isinstance(email, str) and len(email) <= 100 and ADDRESS.fullmatch(email))
    check(between(seats, 1, 10))
    return row_id(event), email, seats


def insert(cursor, order, key):
    event, email, seats = order
    sql = "UPDATE events SET `left` = `left` - %s WHERE id = %s AND `left` >= %s"
    if not cursor.execute(sql, [seats, event, seats]):
        cursor.execute("SELECT id FROM events WHERE id = %s", [event])
        found(cursor.fetchone())
        raise No(409, "sold_out")
    cursor.execute(
        "INSERT INTO orders (event_id, email, seats, request, due)"
        f" VALUES (%s, %s, %s, %s, {NOW})",
        [*order, key],
    )
    return shown(cursor.lastrowid, order)


def shown(number, order):
    event, email, seats = order
    return {"id": number, "job_id": number, "event_id": event, "email": email, "seats": seats}


def before(key, order):
    row = one("SELECT id, event_id, email, seats FROM orders WHERE request = %s", key)
    if row and (row["event_id"], row["email"], row["seats"]) != order:
        raise No(409, "key_reused")
    return row and shown(row["id"], order)


def save(orders, key=None):
    """Take all orders, or none; those that were taken before with this key."""
    if key and (again := before(key, orders[0])):
        return [again]
    try:
        with books() as cursor:
            made = [insert(cursor, order, key) for order in orders]
    except IntegrityError:
        return [before(key, orders[0])]
    tell(*(one["job_id"] for one in made))
    return made


def tell(*numbers):
    """Tell the postman; where that fails it looks into the books."""
    try:
        for number in numbers:
            stream.xadd("letters", {"job": number}, maxlen=10_000)
    except redis.RedisError as error:
        print(f"not told: {error}")


async def health(request):
    return JSONResponse({"status": "ok"})


async def create_event(request):
    given = await body(request)
    title, seats = given.get("title"), given.get("seats")
    check(isinstance(title, str) and title.strip() and len(title) <= 80)
    check(not re.search("[\x00-\x1f\x7f\ud800-\udfff]", title) and between(seats, 1, 100_000))

    def insert_event():
        with books() as cursor:
            cursor.execute(
                "INSERT INTO events (title, seats, `left`) VALUES (%s, %s, %s)",
                [title, seats, seats],
            )
            return cursor.lastrowid

    number = await run_in_threadpool(insert_event)
    event = {"id": number, "title": title, "seats": seats, "left": seats}
    return JSONResponse(event, 201, {"Location": f"/events/{number}"})


def read_event(request):
    sql = "SELECT id, title, seats, `left` FROM events WHERE id = %s"
    return JSONResponse(found(one(sql, row_id(request.path_params["id"]))))


async def create_order(request):
    key = request.headers.get("idempotency-key", "")
    check(1 <= len(key) <= 80, "no_key")
    order = order_of(await body(request))
    (made,) = await run_in_threadpool(save, [order], key.encode())
    return JSONResponse(made, 202, {"Location": f"/jobs/{made['job_id']}"})


async def create_orders(request):
    orders = (await body(request)).get("orders")
    check(isinstance(orders, list) and 1 <= len(orders) <= 20)
    made = await run_in_threadpool(save, [order_of(one) for one in orders])
    return JSONResponse({"orders": made}, 202)


JOB = "SELECT id, id AS order_id, email, state, attempts, error FROM orders"


def list_jobs(request):
    state = request.query_params.get("state")
    check(state in ("pending", "sent", "failed"), "no_such_state")
    with books() as cursor:
        cursor.execute(f"{JOB} WHERE state = %s ORDER BY id DESC LIMIT 100", [state])
        return JSONResponse({"items": cursor.fetchall()})


def job_of(request):
    return found(one(f"{JOB} WHERE id = %s", row_id(request.path_params["id"])))


def read_job(request):
    return JSONResponse(job_of(request))


def retry_job(request):
    job = job_of(request)
    with books() as cursor:
        if not cursor.execute(
            "UPDATE orders SET state = 'pending', attempts = 0, error = NULL, leased = 0,"
            f" due = {NOW} WHERE id = %s AND state = 'failed'",
            [job["id"]],
        ):
            raise No(409, "not_failed")
    tell(job["id"])
    return JSONResponse(job | {"state": "pending", "attempts": 0, "error": None}, 202)


def refuse(request, no):
    return JSONResponse({"error": no.error}, no.status)


def refuse_http(request, error):
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


@asynccontextmanager
async def lifespan(app):
    prepare()
    yield


app = Starlette(
    lifespan=lifespan,
    exception_handlers={No: refuse, HTTPException: refuse_http},
    routes=[
        Route("/health", health),
        Route("/events", create_event, methods=["POST"]),
        Route("/events/{id}", read_event),
        Route("/orders", create_order, methods=["POST"]),
        Route("/orders/batch", create_orders, methods=["POST"]),
        Route("/jobs", list_jobs),
        Route("/jobs/{id}", read_job),
        Route("/jobs/{id}/retry", retry_job, methods=["POST"]),
    ],
)
