"""What somebody may want."""

import secrets

from flask import Blueprint

from .catalogue import product
from .checks import Refused, body, not_found, whole_number
from .database import row, rows, run, tried_again

MOST = 99
LINES = """
    SELECT product_id, name, price_cents, quantity, price_cents * quantity AS line_cents
    FROM cart_lines JOIN products ON products.id = product_id
    WHERE cart_id = %s ORDER BY position
"""

blueprint = Blueprint("carts", __name__)


def require(number, lock=""):
    """Raise `Refused` where there is no such cart."""
    if len(number) > 64 or row(f"SELECT id FROM carts WHERE id = %s {lock}", number) is None:
        raise not_found("cart")


def shown(number):
    lines = rows(LINES, number)
    return {"id": number, "lines": lines, "total_cents": sum(one["line_cents"] for one in lines)}


@blueprint.post("/carts")
def create():
    number = secrets.token_urlsafe(24)
    tried_again(lambda: run("INSERT INTO carts (id) VALUES (%s)", number))
    return shown(number), 201, {"Location": f"/carts/{number}"}


@blueprint.get("/carts/<number>")
def read(number):
    require(number)
    return shown(number)


@blueprint.post("/carts/<number>/lines")
def add(number):
    require(number)
    sent = body()
    quantity = whole_number(sent, "quantity", MOST)
    wanted = sent.get("product_id")
    if type(wanted) is not int:
        raise Refused(400, "invalid_product_id", "product_id is a whole number.")
    product(wanted)

    def work():
        require(number, "FOR UPDATE")
        there = row(
            "SELECT quantity FROM cart_lines WHERE cart_id = %s AND product_id = %s",
            number,
            wanted,
        )
        if there is None:
            run(
                "INSERT INTO cart_lines (cart_id, product_id, quantity) VALUES (%s, %s, %s)",
                number,
                wanted,
                quantity,
            )
        else:
            change(number, wanted, there["quantity"] + quantity)

    tried_again(work)
    return shown(number)


def change(number, wanted, quantity):
    if quantity > MOST:
        raise Refused(400, "invalid_quantity", f"A cart holds up to {MOST} of a product.")
    run(
        "UPDATE cart_lines SET quantity = %s WHERE cart_id = %s AND product_id = %s",
        quantity,
        number,
        wanted,
    )


def require_line(number, wanted):
    require(number)
    product(wanted)
    found = row(
        "SELECT quantity FROM cart_lines WHERE cart_id = %s AND product_id = %s", number, wanted
    )
    if found is None:
        raise not_found("line")


@blueprint.put("/carts/<number>/lines/<int:wanted>")
def replace(number, wanted):
    require_line(number, wanted)
    quantity = whole_number(body(), "quantity", MOST)
    tried_again(lambda: change(number, wanted, quantity))
    return shown(number)


@blueprint.delete("/carts/<number>/lines/<int:wanted>")
def remove(number, wanted):
    require_line(number, wanted)
    tried_again(
        lambda: run("DELETE FROM cart_lines WHERE cart_id = %s AND product_id = %s", number, wanted)
    )
    return "", 204
