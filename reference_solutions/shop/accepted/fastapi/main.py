"""The till."""

import hashlib
import json
import re
import secrets
from contextlib import asynccontextmanager
from typing import Annotated

import store
from fastapi import FastAPI, Header
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StrictInt, StrictStr
from starlette.exceptions import HTTPException
from store import many, one

Quantity = Annotated[StrictInt, Field(ge=1, le=99)]
PRODUCT = "SELECT id, name, price_cents, stock FROM products"


@asynccontextmanager
async def life(app):
    app.state.pool = await store.open_pool()
    yield
    app.state.pool.close()
    await app.state.pool.wait_closed()


service = FastAPI(lifespan=life)


class Error(Exception):
    def __init__(self, status, word, message, **more):
        super().__init__(message)
        self.status, self.body = status, {"error": word, "message": message} | more


class More(BaseModel):
    product_id: StrictInt
    quantity: Quantity


class Exactly(BaseModel):
    quantity: Quantity


class Wish(BaseModel):
    cart_id: StrictStr
    coupon: StrictStr | None = None


@service.exception_handler(Error)
def told(_request, error):
    return JSONResponse(error.body, error.status)


@service.exception_handler(RequestValidationError)
def invalid(_request, error):
    first = error.errors()[0]
    status = 404 if first["loc"][0] == "path" else 400
    place = ".".join(str(part) for part in first["loc"])
    return JSONResponse({"error": "invalid", "message": f"{place}: {first['msg']}"}, status)


@service.exception_handler(HTTPException)
def failed(_request, error):
    return JSONResponse({"error": "http", "message": str(error.detail)}, error.status_code)


def whole(work):
    return store.whole(service.state.pool, work)


async def product_of(cursor, number):
    found = None
    if 0 < number < 2**31:
        found = await one(cursor, f"{PRODUCT} WHERE id = %s", number)
    if not found:
        raise Error(404, "no_product", "There is no such product.")
    return found


async def cart_of(cursor, number):
    """The lines of a cart, [product, quantity] each; locked until the transaction ends."""
    row = None
    if number.isascii() and len(number) <= 64:
        row = await one(
            cursor, "SELECT content FROM trolley WHERE id = %s FOR UPDATE", number.encode()
        )
    if not row:
        raise Error(404, "no_cart", "There is no such cart.")
    return json.loads(row["content"])


async def keep(cursor, number, lines):
    sql = "UPDATE trolley SET content = %s WHERE id = %s"
    await cursor.execute(sql, (json.dumps(lines), number.encode()))


async def shown(cursor, number, lines):
    priced = []
    for product_id, quantity in lines:
        product = await product_of(cursor, product_id)
        priced.append(line_of(product, quantity))
    return {"id": number, "lines": priced, "total_cents": sum(x["line_cents"] for x in priced)}


def line_of(product, quantity):
    return {
        "product_id": product["id"],
        "name": product["name"],
        "price_cents": product["price_cents"],
        "quantity": quantity,
        "line_cents": product["price_cents"] * quantity,
    }


@service.get("/health")
async def health():
    return {}


@service.get("/products")
async def products():
    return {"items": await whole(lambda cursor: many(cursor, f"{PRODUCT} ORDER BY id"))}


@service.get("/products/{number}")
async def product(number: str):
    if not re.fullmatch("[0-9]{1,12}", number):
        raise Error(404, "no_product", "There is no such product.")
    return await whole(lambda cursor: product_of(cursor, int(number)))


@service.post("/carts", status_code=201)
async def new_cart():
    number = secrets.token_urlsafe(32)

    async def work(cursor):
        sql = "INSERT INTO trolley VALUES (%s, '[]')"
        await cursor.execute(sql, (number.encode(),))

    await whole(work)
    body = {"id": number, "lines": [], "total_cents": 0}
    return JSONResponse(body, 201, {"Location": f"/carts/{number}"})


@service.get("/carts/{number}")
async def cart(number: str):
    async def work(cursor):
        return await shown(cursor, number, await cart_of(cursor, number))

    return await whole(work)


@service.post("/carts/{number}/lines")
async def add(number: str, more: More):
    async def work(cursor):
        lines = await cart_of(cursor, number)
        await product_of(cursor, more.product_id)
        there = next((line for line in lines if line[0] == more.product_id), None)
        if there is None:
            lines.append([more.product_id, more.quantity])
        else:
            there[1] += more.quantity
            if there[1] > 99:
                raise Error(400, "too_many", "99 of a product at most.")
        await keep(cursor, number, lines)
        return await shown(cursor, number, lines)

    return await whole(work)


async def changed(number, product_id, change):
    async def work(cursor):
        lines = await cart_of(cursor, number)
        line = next((line for line in lines if line[0] == product_id), None)
        if line is None:
            raise Error(404, "no_line", "The cart has no such line.")
        change(lines, line)
        await keep(cursor, number, lines)
        return await shown(cursor, number, lines)

    return await whole(work)


@service.put("/carts/{number}/lines/{product_id}")
async def replace(number: str, product_id: int, exactly: Exactly):
    def change(_lines, line):
        line[1] = exactly.quantity

    return await changed(number, product_id, change)


@service.delete("/carts/{number}/lines/{product_id}", status_code=204)
async def remove(number: str, product_id: int):
    await changed(number, product_id, lambda lines, line: lines.remove(line))


@service.post("/orders", status_code=201)
async def order(wish: Wish, idempotency_key: Annotated[str, Header()] = ""):
    if not re.fullmatch("[!-~]{1,200}", idempotency_key):
        raise Error(400, "no_key", "Idempotency-Key should have 1 to 200 visible characters.")
    number = hashlib.sha1(idempotency_key.encode()).hexdigest()
    about = hashlib.sha256(json.dumps([wish.cart_id, wish.coupon]).encode()).hexdigest()
    made = await whole(lambda cursor: ordered(cursor, number, about, wish))
    return JSONResponse(made, 201, {"Location": f"/orders/{number}"})


async def of_key(cursor, number, about):
    before = await one(cursor, "SELECT about, content FROM receipt WHERE id = %s", number)
    if before and before["about"] != about:
        raise Error(409, "key_reused", "The key stands for another order.")
    return json.loads(before["content"]) if before else None


async def ordered(cursor, number, about, wish):
    if before := await of_key(cursor, number, about):
        return before
    lines = await cart_of(cursor, wish.cart_id)
    if before := await of_key(cursor, number, about):
        return before
    if not lines:
        raise Error(400, "empty_cart", "The cart is empty.")
    percent = await percent_of(cursor, wish.coupon)
    sold = await taken(cursor, dict(lines))
    bought = [line_of(sold[product_id], quantity) for product_id, quantity in lines]
    subtotal = sum(line["line_cents"] for line in bought)
    discount = subtotal * percent // 100
    made = {
        "id": number,
        "lines": bought,
        "subtotal_cents": subtotal,
        "coupon": wish.coupon,
        "discount_cents": discount,
        "total_cents": subtotal - discount,
    }
    coupon = wish.coupon.encode() if wish.coupon else None
    await cursor.execute(
        "INSERT INTO receipt VALUES (%s, %s, %s, %s)", (number, about, coupon, json.dumps(made))
    )
    await keep(cursor, wish.cart_id, [])
    return made


async def percent_of(cursor, code):
    if code is None:
        return 0
    row = await one(cursor, "SELECT code, percent FROM coupons WHERE code = %s", code[:60])
    if row is None or row["code"] != code:
        raise Error(400, "unknown_coupon", "There is no such coupon.")
    if await one(cursor, "SELECT id FROM receipt WHERE coupon = %s", code.encode()):
        raise Error(409, "coupon_used", "The coupon is used up.")
    return row["percent"]


async def taken(cursor, wanted):
    """Take so many of each product, by number; gives their rows."""
    marks = ", ".join(["%s"] * len(wanted))
    sql = f"{PRODUCT} WHERE id IN ({marks}) ORDER BY id FOR UPDATE"
    rows = {row["id"]: row for row in await many(cursor, sql, *sorted(wanted))}
    short = [number for number, row in rows.items() if row["stock"] < wanted[number]]
    if short:
        raise Error(409, "out_of_stock", "There is too little.", product_ids=sorted(short))
    for number in rows:
        sql = "UPDATE products SET stock = stock - %s WHERE id = %s"
        await cursor.execute(sql, (wanted[number], number))
    return rows


@service.get("/orders/{number}")
async def receipt(number: str):
    row = None
    if re.fullmatch("[0-9a-f]{40}", number):
        row = await whole(
            lambda cursor: one(cursor, "SELECT content FROM receipt WHERE id = %s", number)
        )
    if not row:
        raise Error(404, "no_order", "There is no such order.")
    return json.loads(row["content"])
