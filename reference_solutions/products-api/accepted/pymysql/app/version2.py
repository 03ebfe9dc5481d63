"""Version 2."""

import pymysql
from flask import Blueprint, request

from . import queries, rules
from .database import TAKEN, row, rows, run, tried_again
from .problems import Problem

LARGEST = 2**31 - 1
NAMES = ", ".join(queries.COLUMNS)

blueprint = Blueprint("version2", __name__, url_prefix="/api/v2")


def numbered(text):
    """The number of a product; raises where it can be none."""
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > LARGEST:
        raise Problem(404, "There is no such product.")
    return int(text)


def product(text, lock=""):
    sql = f"SELECT {NAMES}, version FROM products WHERE id = %s {lock}"
    found = row(sql, numbered(text))
    if found is None:
        raise Problem(404, "There is no such product.")
    return found


def shown(found):
    return {name: found[name] for name in queries.COLUMNS}


def tag_of(found):
    return f'"{found["id"]}-{found["version"]}"'


def written(work):
    """What `work` gives, in one transaction; a SKU that is taken is a 409."""
    try:
        return tried_again(work)
    except pymysql.err.IntegrityError as error:
        if error.args[0] != TAKEN:
            raise
        raise Problem(409, "Another product has this SKU.") from error


def insert(values):
    marks = ", ".join(["%s"] * len(values))
    sql = f"INSERT INTO products ({', '.join(rules.FIELDS)}) VALUES ({marks})"
    return run(sql, *values)[1]


@blueprint.get("/products")
def listed():
    queries.only(
        "category", "min_price_cents", "max_price_cents", "in_stock", "sort", "limit", "cursor",
        "fields",
    )  # fmt: skip
    limit = queries.whole("limit", 1, 100, 20)
    names = queries.fields()
    column, down = queries.sort()
    conditions, values = queries.filters()
    behind, more = queries.after_cursor(column, down)
    where = " AND ".join(["1 = 1", *conditions, *behind])
    order = f"{column} {'DESC' if down else 'ASC'}, id"
    sql = f"SELECT {NAMES} FROM products WHERE {where} ORDER BY {order} LIMIT %s"
    found = rows(sql, *values, *more, limit + 1)
    page = found[:limit]
    last = queries.cursor_of(page[-1], column, down) if len(found) > limit else None
    return {"items": [{name: one[name] for name in names} for one in page], "next_cursor": last}


@blueprint.post("/products")
def create():
    values = rules.new_product()
    number = written(lambda: insert(values))
    made = product(str(number))
    place = f"/api/v2/products/{number}"
    return shown(made), 201, {"Location": place, "ETag": tag_of(made)}


@blueprint.post("/products/bulk")
def create_many():
    items = rules.new_products()
    numbers = written(lambda: [insert(values) for values in items])
    return {"items": [shown(product(str(number))) for number in numbers]}, 201


@blueprint.get("/products/<number>")
def one(number):
    queries.only("fields")
    names = queries.fields()
    found = product(number)
    tag = tag_of(found)
    if request.headers.get("If-None-Match") == tag:
        return "", 304, {"ETag": tag}
    return {name: found[name] for name in names}, 200, {"ETag": tag}


def unchanged(number):
    """The product, locked, if it is as the client has seen it."""
    found = product(number, "FOR UPDATE")
    seen = request.headers.get("If-Match")
    if seen is None:
        raise Problem(428, "Send If-Match with the ETag that you have read.")
    if seen != tag_of(found):
        raise Problem(412, "The product has changed since.")
    return found


@blueprint.patch("/products/<number>")
def change(number):
    product(number)
    sent = rules.changes()

    def work():
        found = unchanged(number)
        sets = ", ".join(f"{name} = %s" for name in sent)
        sql = f"UPDATE products SET {sets}, version = version + 1 WHERE id = %s"
        run(sql, *sent.values(), found["id"])

    written(work)
    found = product(number)
    return shown(found), 200, {"ETag": tag_of(found)}


@blueprint.delete("/products/<number>")
def delete(number):
    def work():
        run("DELETE FROM products WHERE id = %s", unchanged(number)["id"])

    tried_again(work)
    return "", 204
