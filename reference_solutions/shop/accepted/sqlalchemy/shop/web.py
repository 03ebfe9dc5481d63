"""The routes."""

import re

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from . import till
from .models import prepare
from .till import MOST, Problem, transaction

KEY = re.compile(r"[\x21-\x7e]{1,200}")


def sent():
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        raise Problem(400, "no_object", "The body is a JSON object.")
    return found


def quantity_of(found):
    value = found.get("quantity")
    if isinstance(value, bool) or not isinstance(value, int) or value not in range(1, MOST + 1):
        raise Problem(400, "bad_quantity", f"quantity is a whole number from 1 to {MOST}.")
    return value


def create_app():
    app = Flask(__name__)
    prepare()

    @app.errorhandler(Problem)
    def problem(error):
        return error.body, error.status

    @app.errorhandler(HTTPException)
    def failed(error):
        return {"error": f"http_{error.code}", "message": error.description}, error.code

    @app.get("/health")
    def health():
        return {"up": True}

    @app.get("/products")
    def products():
        return {"items": transaction(till.products)}

    @app.get("/products/<int:number>")
    def product(number):
        return transaction(lambda session: till.product_of(session, number).shown())

    @app.post("/carts")
    def new_cart():
        cart = transaction(till.new_cart)
        return cart, 201, {"Location": f"/carts/{cart['id']}"}

    @app.get("/carts/<number>")
    def cart(number):
        return transaction(lambda one: till.cart_shown(one, till.cart_of(one, number)))

    @app.post("/carts/<number>/lines")
    def add(number):
        transaction(lambda session: till.cart_of(session, number) and None)
        found = sent()
        quantity, product_id = quantity_of(found), found.get("product_id")
        if isinstance(product_id, bool) or not isinstance(product_id, int):
            raise Problem(400, "bad_product_id", "product_id is a whole number.")
        return transaction(lambda session: till.add(session, number, product_id, quantity))

    @app.put("/carts/<number>/lines/<int:product_id>")
    def replace(number, product_id):
        quantity = quantity_of(sent())
        return transaction(lambda session: till.replace(session, number, product_id, quantity))

    @app.delete("/carts/<number>/lines/<int:product_id>")
    def remove(number, product_id):
        transaction(lambda session: till.remove(session, number, product_id))
        return "", 204

    @app.post("/orders")
    def order():
        key = request.headers.get("Idempotency-Key", "")
        if not KEY.fullmatch(key):
            raise Problem(400, "bad_key", "Idempotency-Key is 1 to 200 visible characters.")
        found = sent()
        cart_id, coupon = found.get("cart_id"), found.get("coupon")
        if not isinstance(cart_id, str) or not isinstance(coupon, str | None):
            raise Problem(400, "bad_order", "cart_id is a text, and coupon one or null.")
        made = transaction(lambda session: till.order(session, key, cart_id, coupon))
        return made, 201, {"Location": f"/orders/{made['id']}"}

    @app.get("/orders/<int:number>")
    def order_of(number):
        return transaction(lambda session: till.order_of(session, number))

    return app
