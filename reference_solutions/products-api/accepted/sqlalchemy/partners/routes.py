"""The routes of both versions."""

import hashlib
import json

from flask import Blueprint, g, request
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from . import models
from .cursors import after, cursor_of
from .problems import Problem, not_found
from .tables import Product

v2 = Blueprint("v2", __name__, url_prefix="/api/v2/products")
v1 = Blueprint("v1", __name__, url_prefix="/api/v1/products")


def found(text, **options):
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise not_found()
    product = g.session.get(Product, int(text), **options)
    if product is None:
        raise not_found()
    return product


def shown(product):
    return models.Product.model_validate(product).model_dump()


def tag(product):
    text = json.dumps(shown(product), sort_keys=True)
    return f'"{hashlib.sha1(text.encode()).hexdigest()}"'


def save():
    try:
        g.session.commit()
    except IntegrityError:
        g.session.rollback()
        raise Problem(409, "Conflict", "A product has this SKU already.") from None


def filtered(query, asked):
    if asked.category is not None:
        query = query.where(Product.category == asked.category)
    if asked.min_price_cents is not None:
        query = query.where(Product.price_cents >= asked.min_price_cents)
    if asked.max_price_cents is not None:
        query = query.where(Product.price_cents <= asked.max_price_cents)
    if asked.in_stock is not None:
        query = query.where(Product.stock > 0 if asked.in_stock == "true" else Product.stock == 0)
    return query


@v2.get("")
def listed():
    asked = models.ListQuery.of_request()
    names, column = asked.names, getattr(Product, asked.sort.removeprefix("-"))
    query = filtered(select(Product), asked)
    if asked.cursor is not None:
        query = query.where(after(asked.cursor, asked.sort, column, Product.id))
    order = column.desc() if asked.sort.startswith("-") else column
    page = g.session.scalars(query.order_by(order, Product.id).limit(asked.limit + 1)).all()
    cursor = None
    if len(page) > asked.limit:
        last = page[asked.limit - 1]
        cursor = cursor_of(asked.sort, getattr(last, column.key), last.id)
    items = [{name: getattr(one, name) for name in names} for one in page[: asked.limit]]
    return {"items": items, "next_cursor": cursor}


@v2.post("")
def add():
    product = Product(**models.NewProduct.of_request().model_dump())
    g.session.add(product)
    save()
    headers = {"Location": f"{request.base_url}/{product.id}", "ETag": tag(product)}
    return shown(product), 201, headers


@v2.post("/bulk")
def add_many():
    sent = models.NewProducts.of_request()
    products = [Product(**one.model_dump()) for one in sent.items]
    g.session.add_all(products)
    save()
    return {"items": [shown(one) for one in products]}, 201


@v2.get("/<number>")
def one(number):
    names, product = models.WithFields.of_request().names, found(number)
    headers = {"ETag": tag(product)}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return "", 304, headers
    return {name: getattr(product, name) for name in names}, 200, headers


def seen(number):
    """The product, locked until the commit, as the client knows it."""
    product = found(number, with_for_update=True)
    known = request.headers.get("If-Match")
    if known is None:
        raise Problem(428, "Precondition Required", "Say by If-Match what you have seen.")
    if known != tag(product):
        raise Problem(412, "Precondition Failed", "Read the product again.")
    return product


@v2.patch("/<number>")
def change(number):
    sent = models.Change.of_request().model_dump(exclude_unset=True)
    product = seen(number)
    for name, value in sent.items():
        setattr(product, name, value)
    save()
    return shown(product), 200, {"ETag": tag(product)}


@v2.delete("/<number>")
def remove(number):
    g.session.delete(seen(number))
    save()
    return "", 204


@v1.get("")
def old_listed():
    asked = models.OldQuery.of_request()
    query = select(Product)
    if asked.category is not None:
        query = query.where(Product.category == asked.category)
    total = g.session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(Product.id).limit(asked.per_page)
    page = page.offset((asked.page - 1) * asked.per_page)
    return models.OldPage(
        items=[models.OldProduct.of(one) for one in g.session.scalars(page)],
        page=asked.page, per_page=asked.per_page, total=total,
    ).model_dump()  # fmt: skip


@v1.get("/<number>")
def old_one(number):
    return models.OldProduct.of(found(number)).model_dump()


@v1.after_request
def ends(response):
    response.headers["Deprecation"] = "@1767225600"
    response.headers["Link"] = f'<{request.host_url}api/v2/products>; rel="successor-version"'
    return response
