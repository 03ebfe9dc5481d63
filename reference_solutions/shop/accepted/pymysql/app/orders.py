"""What was sold."""

import re

import pymysql
from flask import Blueprint, request

from .carts import LINES, require
from .catalogue import LARGEST
from .checks import Refused, body, not_found, text
from .database import row, rows, run, tried_again

KEY = re.compile(r"[!-~]{1,200}")
CODE = re.compile(r"[A-Za-z0-9]{1,40}")

blueprint = Blueprint("orders", __name__)


def shown(order):
    lines = rows(
        "SELECT product_id, name, price_cents, quantity, price_cents * quantity AS line_cents "
        "FROM order_lines WHERE order_id = %s ORDER BY position",
        order["id"],
    )
    return {
        "id": order["id"],
        "lines": lines,
        "subtotal_cents": order["subtotal_cents"],
        "coupon": order["coupon"],
        "discount_cents": order["discount_cents"],
        "total_cents": order["subtotal_cents"] - order["discount_cents"],
    }


def made_before(key, cart, coupon):
    """The order that a key has made; None where it has made none."""
    order = row("SELECT * FROM orders WHERE request_key = %s", key)
    if order and (order["cart_id"], order["coupon"]) != (cart, coupon):
        raise Refused(409, "key_reused", "This key has made another order.")
    return order


def percent_of(code):
    """What a coupon takes off; raises `Refused` where it counts no more."""
    if code is None:
        return 0
    found = row("SELECT code, percent FROM coupons WHERE code = %s", code)
    if not CODE.fullmatch(code) or found is None or found["code"] != code:
        raise Refused(400, "unknown_coupon", "There is no such coupon.")
    if row("SELECT id FROM orders WHERE coupon = %s", code):
        raise Refused(409, "coupon_used", "This coupon has been used.")
    return found["percent"]


def take(lines):
    """Take the products out of stock, or raise `Refused` with those that are short."""
    short = []
    for line in sorted(lines, key=lambda one: one["product_id"]):
        changed, _ = run(
            "UPDATE products SET stock = stock - %s WHERE id = %s AND stock >= %s",
            line["quantity"],
            line["product_id"],
            line["quantity"],
        )
        if not changed:
            short.append(line["product_id"])
    if short:
        raise Refused(409, "out_of_stock", "There is too little stock.", product_ids=short)


def make(key, cart, coupon):
    """Make the order of a cart; gives its row."""
    require(cart, "FOR UPDATE")
    if order := made_before(key, cart, coupon):
        return order
    lines = rows(LINES, cart)
    if not lines:
        raise Refused(400, "empty_cart", "The cart is empty.")
    percent = percent_of(coupon)
    take(lines)
    subtotal = sum(line["line_cents"] for line in lines)
    _, number = run(
        "INSERT INTO orders (request_key, cart_id, coupon, subtotal_cents, discount_cents) "
        "VALUES (%s, %s, %s, %s, %s)",
        key,
        cart,
        coupon,
        subtotal,
        subtotal * percent // 100,
    )
    for position, line in enumerate(lines):
        run(
            "INSERT INTO order_lines VALUES (%s, %s, %s, %s, %s, %s)",
            number,
            position,
            line["product_id"],
            line["name"],
            line["price_cents"],
            line["quantity"],
        )
    run("DELETE FROM cart_lines WHERE cart_id = %s", cart)
    return row("SELECT * FROM orders WHERE id = %s", number)


@blueprint.post("/orders")
def create():
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise Refused(400, "invalid_key", "Send an Idempotency-Key of 1 to 200 characters.")
    sent = body()
    cart = text(sent, "cart_id")
    coupon = None if sent.get("coupon") is None else text(sent, "coupon")
    for _ in range(2):
        try:
            order = made_before(key, cart, coupon) or tried_again(lambda: make(key, cart, coupon))
            break
        except pymysql.err.IntegrityError:
            # another request has used the key or the coupon just now
            made_before(key, cart, coupon)
            percent_of(coupon)
    return shown(order), 201, {"Location": f"/orders/{order['id']}"}


@blueprint.get("/orders/<int:number>")
def read(number):
    order = row("SELECT * FROM orders WHERE id = %s", number) if number <= LARGEST else None
    if order is None:
        raise not_found("order")
    return shown(order)
