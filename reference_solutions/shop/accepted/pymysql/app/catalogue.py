"""What there is."""

from flask import Blueprint

from .checks import not_found
from .database import row, rows

LARGEST = 2**31 - 1

blueprint = Blueprint("catalogue", __name__)


def product(number):
    """The row of a product; raises `Refused` where there is none."""
    found = None
    if type(number) is int and 1 <= number <= LARGEST:
        found = row("SELECT id, name, price_cents, stock FROM products WHERE id = %s", number)
    if found is None:
        raise not_found("product")
    return found


@blueprint.get("/products")
def products():
    return {"items": rows("SELECT id, name, price_cents, stock FROM products ORDER BY id")}


@blueprint.get("/products/<int:number>")
def one(number):
    return product(number)
