"""Version 1, for old clients."""

from flask import Blueprint

from . import queries
from .database import row, rows
from .version2 import product

blueprint = Blueprint("version1", __name__, url_prefix="/api/v1")


@blueprint.after_request
def tell(response):
    response.headers["Deprecation"] = "@1767225600"
    response.headers["Link"] = '</api/v2/products>; rel="successor-version"'
    return response


def shown(found):
    cents = found["price_cents"]
    return {
        "id": found["id"],
        "sku": found["sku"],
        "name": found["name"],
        "category": found["category"],
        "price": f"{cents // 100}.{cents % 100:02}",
        "in_stock": found["stock"] > 0,
    }


@blueprint.get("/products")
def listed():
    queries.only("page", "per_page", "category")
    page = queries.whole("page", 1, 100_000, 1)
    size = queries.whole("per_page", 1, 100, 20)
    category = queries.category()
    where, values = ("1 = 1", []) if category is None else ("category = %s", [category])
    total = row(f"SELECT COUNT(*) AS total FROM products WHERE {where}", *values)["total"]
    sql = f"SELECT * FROM products WHERE {where} ORDER BY id LIMIT %s OFFSET %s"
    items = [shown(one) for one in rows(sql, *values, size, (page - 1) * size)]
    return {"items": items, "page": page, "per_page": size, "total": total}


@blueprint.get("/products/<number>")
def one(number):
    return shown(product(number))
