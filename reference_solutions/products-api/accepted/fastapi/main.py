"""The API."""

import base64
import hashlib
import json
import os
import secrets
import time
from contextlib import asynccontextmanager
from typing import Annotated

import problems
import pymysql
import shapes
import store
from fastapi import FastAPI, Header, Query, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from problems import Refused, declared
from store import many, one

V1, V2 = "/api/v1/products", "/api/v2/products"
LIMIT, WINDOW = int(os.environ["RATE_LIMIT"]), int(os.environ["RATE_WINDOW"])
FIELDS = tuple(shapes.NewProduct.model_fields)
GOOD = {"response_model": None}
counted = {}


@asynccontextmanager
async def life(app):
    app.state.pool = await store.open_pool()
    yield
    app.state.pool.close()
    await app.state.pool.wait_closed()


service = FastAPI(lifespan=life, openapi_url=None, docs_url=None, redoc_url=None)
problems.add_to(service)


def whole():
    return store.whole(service.state.pool)


def beyond(key):
    """Seconds until the window of the clock ends, where this one has no request left in it."""
    now = time.time()
    window = int(now // WINDOW)
    begun, count = counted.get(key, (window, 0))
    count = count if begun == window else 0
    if count >= LIMIT:
        return int((window + 1) * WINDOW - now) + 1
    counted[key] = window, count + 1
    return 0


@service.middleware("http")
async def gate(request, go_on):
    if request.url.path.startswith("/api/"):
        key = request.headers.get("X-API-Key", "")
        digest = hashlib.sha256(key.encode("latin-1")).hexdigest()
        async with whole() as cursor:
            known = await one(cursor, "SELECT 1 FROM api_keys WHERE key_hash = %s", digest)
        if not known:
            return problems.problem(401, "X-API-Key is missing, or counts no more.")
        if wait := beyond(digest):
            wait = {"Retry-After": str(min(wait, WINDOW))}
            return problems.problem(429, "The window's requests are used up.", wait)
    return await go_on(request)


def number_of(text):
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(404, "There is no such product.")
    return int(text)


async def product(cursor, text, lock=""):
    sql = f"SELECT * FROM products WHERE id = %s {lock}"
    row = await one(cursor, sql, number_of(text))
    if row is None:
        raise Refused(404, "There is no such product.")
    return row


def shown(row):
    return {name: row[name] for name in shapes.NAMES}


def tag(row):
    return f'"{row["id"]}.{row["mark"]}"'


async def insert(cursor, new):
    """The id of a new product."""
    values = new.model_dump()
    sql = "INSERT INTO products (sku, name, category, description, price_cents, stock, mark)"
    try:
        await cursor.execute(
            f"{sql} VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (*(values[name] for name in FIELDS), secrets.token_hex(8)),
        )
    except pymysql.err.IntegrityError:
        raise Refused(409, f"There is a product with the SKU {new.sku}.") from None
    except pymysql.err.OperationalError as error:
        if error.args[0] != 1213:  # the other one of a deadlock has the SKU
            raise
        raise Refused(409, f"There is a product with the SKU {new.sku}.") from None
    return str(cursor.lastrowid)


@service.get("/health")
async def health():
    return {}


def conditions(asked):
    found = []
    if asked.category is not None:
        found.append(("category = %s", (asked.category,)))
    if asked.min_price_cents is not None:
        found.append(("price_cents >= %s", (asked.min_price_cents,)))
    if asked.max_price_cents is not None:
        found.append(("price_cents <= %s", (asked.max_price_cents,)))
    if asked.in_stock is not None:
        found.append(("(stock > 0) = %s", (asked.in_stock == "true",)))
    if asked.cursor is not None:
        found.append(behind(asked.cursor, asked.sort))
    return found


def behind(cursor, sort):
    """The condition for what stands behind a cursor, {"s": sort, "v": value, "i": id}."""
    column, way = sort.removeprefix("-"), "<" if sort.startswith("-") else ">"
    kind = str if column == "name" else int
    try:
        last = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        value, number = last["v"], last["i"]
        good = last["s"] == sort and type(value) is kind and type(number) is int
        if kind is str:
            value.encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        good = False
    if not good or abs(number) > 2**31 or (kind is int and abs(value) > 2**31):
        raise Refused(400, "cursor: it is none of this list.")
    text = f"({column} {way} %s OR {column} = %s AND id > %s)"
    return text, (value, value, number)


PAGE = {
    "type": "object",
    "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/SomeOfAProduct"}},
        "next_cursor": {"type": ["string", "null"]},
    },
}
PLACE = "#/components/schemas/{model}"
SOME = {"$ref": "#/components/schemas/SomeOfAProduct"}


def with_schema(schema):
    return {200: {"description": "OK", "content": {"application/json": {"schema": schema}}}}


@service.get(V2, responses=with_schema(PAGE) | declared(400), **GOOD)
async def listed(asked: Annotated[shapes.Listed, Query()]):
    found = conditions(asked)
    where = " AND ".join(["TRUE", *(text for text, _ in found)])
    values = [value for _, some in found for value in some]
    column, way = asked.sort.removeprefix("-"), "DESC" if asked.sort.startswith("-") else "ASC"
    sql = f"SELECT * FROM products WHERE {where} ORDER BY {column} {way}, id ASC LIMIT %s"
    async with whole() as cursor:
        rows = await many(cursor, sql, *values, asked.limit + 1)
    mark = None
    if len(rows) > asked.limit:
        last = rows[asked.limit - 1]
        mark = json.dumps({"s": asked.sort, "v": last[column], "i": last["id"]})
        mark = base64.urlsafe_b64encode(mark.encode()).decode()
    return {"items": [asked.picked(row) for row in rows[: asked.limit]], "next_cursor": mark}


@service.post(V2, status_code=201, response_model=shapes.Product, responses=declared(400, 409))
async def add(new: shapes.NewProduct, response: Response):
    async with whole() as cursor:
        row = await product(cursor, await insert(cursor, new))
    response.headers["Location"], response.headers["ETag"] = f"{V2}/{row['id']}", tag(row)
    return shown(row)


@service.post(
    f"{V2}/bulk", status_code=201, response_model=shapes.Products, responses=declared(400, 409)
)
async def add_many(new: shapes.NewProducts):
    async with whole() as cursor:
        numbers = [await insert(cursor, item) for item in new.items]
        return {"items": [shown(await product(cursor, number)) for number in numbers]}


@service.get(
    V2 + "/{product_id}",
    responses=with_schema(SOME) | {304: {"description": "As it is known"}} | declared(400, 404),
    **GOOD,
)
async def read(
    product_id: str,
    asked: Annotated[shapes.Asked, Query()],
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
):
    async with whole() as cursor:
        row = await product(cursor, product_id)
    if if_none_match == tag(row):
        return Response(status_code=304, headers={"ETag": tag(row)})
    response.headers["ETag"] = tag(row)
    return asked.picked(row)


async def as_seen(cursor, text, seen):
    row = await product(cursor, text, "FOR UPDATE")
    if seen is None:
        raise Refused(428, "If-Match is missing.")
    if seen != tag(row):
        raise Refused(412, "It is not as you have seen it.")
    return row


@service.patch(
    V2 + "/{product_id}",
    response_model=shapes.Product,
    responses=declared(400, 404, 409, 412, 428),
)
async def change(
    product_id: str,
    change: shapes.Change,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
):
    values = change.model_dump(exclude_unset=True)
    if not values:
        raise Refused(400, "Send a field.")
    values["mark"] = secrets.token_hex(8)
    async with whole() as cursor:
        row = await as_seen(cursor, product_id, if_match)
        sets = ", ".join(f"{name} = %s" for name in values)
        try:
            sql = f"UPDATE products SET {sets} WHERE id = %s"
            await cursor.execute(sql, (*values.values(), row["id"]))
        except pymysql.err.IntegrityError:
            raise Refused(409, "There is a product with this SKU.") from None
    response.headers["ETag"] = tag(row | values)
    return shown(row | values)


@service.delete(V2 + "/{product_id}", status_code=204, responses=declared(404, 412, 428))
async def remove(product_id: str, if_match: Annotated[str | None, Header()] = None):
    async with whole() as cursor:
        row = await as_seen(cursor, product_id, if_match)
        await cursor.execute("DELETE FROM products WHERE id = %s", (row["id"],))


ENDS = {"Deprecation": "@1767225600", "Link": f'<{V2}>; rel="successor-version"'}


def old(row):
    price = f"{row['price_cents'] / 100:.2f}"
    same = {name: row[name] for name in ("id", "sku", "name", "category")}
    return same | {"price": price, "in_stock": row["stock"] > 0}


@service.get(V1, response_model=shapes.OldPage, responses=declared(400))
async def old_listed(asked: Annotated[shapes.OldListed, Query()]):
    where = "TRUE" if asked.category is None else "category = %s"
    values = [] if asked.category is None else [asked.category]
    async with whole() as cursor:
        total = await one(cursor, f"SELECT COUNT(*) AS n FROM products WHERE {where}", *values)
        sql = f"SELECT * FROM products WHERE {where} ORDER BY id LIMIT %s OFFSET %s"
        start = (asked.page - 1) * asked.per_page
        rows = await many(cursor, sql, *values, asked.per_page, start)
    page = {"page": asked.page, "per_page": asked.per_page, "total": total["n"]}
    return JSONResponse({"items": [old(row) for row in rows]} | page, headers=ENDS)


@service.get(V1 + "/{product_id}", response_model=shapes.OldProduct, responses=declared(404))
async def old_read(product_id: str):
    async with whole() as cursor:
        return JSONResponse(old(await product(cursor, product_id)), headers=ENDS)


def described():
    """FastAPI's document, without its own kind of errors."""
    found = get_openapi(title="Products API", version="2.0", routes=service.routes)
    for item in found["paths"].values():
        for operation in item.values():
            operation["responses"].pop("422", None)
    schemas = found["components"]["schemas"]
    product = shapes.Product.model_json_schema()
    schemas["SomeOfAProduct"] = {"type": "object", "properties": product["properties"]}
    schemas["Problem"] = shapes.Problem.model_json_schema(ref_template=PLACE)
    schemas["Fault"] = schemas["Problem"].pop("$defs")["Fault"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return found


@service.get("/openapi.json", include_in_schema=False)
async def document():
    return described()
