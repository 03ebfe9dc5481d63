"""What is done with carts and orders; each function is one transaction, or a part of one."""

import re
import secrets
import time

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from .models import Cart, CartLine, Coupon, Order, OrderLine, Product, Session

MOST = 99
LARGEST = 2**31 - 1


class Problem(Exception):
    def __init__(self, status, error, message, **more):
        super().__init__(message)
        self.status = status
        self.body = {"error": error, "message": message, **more}


def transaction(work):
    """Return what `work(session)` gives, committed; tried again where MySQL could not."""
    for attempt in range(30):
        try:
            with Session.begin() as session:
                return work(session)
        except (OperationalError, IntegrityError) as error:
            code = error.orig.args[0]
            if code not in {1205, 1213, 1062} or attempt == 29:
                raise
            time.sleep(0.01)


def product_of(session, number):
    found = session.get(Product, number) if 0 < number <= LARGEST else None
    if found is None:
        raise Problem(404, "unknown_product", "There is no such product.")
    return found


def cart_of(session, number, lock=False):
    found = None
    if re.fullmatch(r"[\w-]{1,64}", number, re.ASCII):
        found = session.get(Cart, number, with_for_update=lock or None)
    if found is None:
        raise Problem(404, "unknown_cart", "There is no such cart.")
    return found


def line_of(session, cart, number):
    product_of(session, number)
    for line in cart.lines:
        if line.product_id == number:
            return line
    raise Problem(404, "unknown_line", "The cart does not hold this product.")


def as_line(product_id, name, price, quantity):
    return {
        "product_id": product_id, "name": name, "price_cents": price, "quantity": quantity,
        "line_cents": price * quantity,
    }  # fmt: skip


def cart_shown(session, cart):
    lines = []
    for line in cart.lines:
        product = session.get(Product, line.product_id)
        lines.append(as_line(product.id, product.name, product.price_cents, line.quantity))
    return {"id": cart.id, "lines": lines, "total_cents": sum(one["line_cents"] for one in lines)}


def new_cart(session):
    cart = Cart(id=secrets.token_hex(16), lines=[])
    session.add(cart)
    session.flush()
    return cart_shown(session, cart)


def add(session, number, product_id, quantity):
    cart = cart_of(session, number, lock=True)
    product_of(session, product_id)
    for line in cart.lines:
        if line.product_id == product_id:
            if line.quantity + quantity > MOST:
                raise Problem(400, "too_many", f"A cart holds up to {MOST} of a product.")
            line.quantity += quantity
            break
    else:
        cart.lines.append(CartLine(product_id=product_id, quantity=quantity, place=time.time_ns()))
    session.flush()
    return cart_shown(session, cart)


def replace(session, number, product_id, quantity):
    cart = cart_of(session, number, lock=True)
    line_of(session, cart, product_id).quantity = quantity
    return cart_shown(session, cart)


def remove(session, number, product_id):
    cart = cart_of(session, number, lock=True)
    cart.lines.remove(line_of(session, cart, product_id))


def order_shown(order):
    lines = [
        as_line(one.product_id, one.name, one.price_cents, one.quantity) for one in order.lines
    ]
    subtotal = sum(one["line_cents"] for one in lines)
    discount = subtotal * order.percent // 100
    return {
        "id": order.id, "lines": lines, "subtotal_cents": subtotal, "coupon": order.coupon,
        "discount_cents": discount, "total_cents": subtotal - discount,
    }  # fmt: skip


def of_key(session, key, cart_id, coupon):
    order = session.scalar(select(Order).where(Order.request_key == key))
    if order and (order.cart_id, order.coupon) != (cart_id, coupon):
        raise Problem(409, "key_reused", "This key belongs to another order.")
    return order


def percent_of(session, coupon):
    if coupon is None:
        return 0
    found = session.get(Coupon, coupon, with_for_update=True) if len(coupon) <= 40 else None
    if found is None or found.code != coupon:
        raise Problem(400, "unknown_coupon", "There is no such coupon.")
    if session.scalar(select(Order.id).where(Order.coupon == coupon)):
        raise Problem(409, "coupon_used", "This coupon was used before.")
    return found.percent


def order(session, key, cart_id, coupon):
    """Make an order, or return the one that the key has made."""
    before = of_key(session, key, cart_id, coupon)
    if before:
        return order_shown(before)
    cart = cart_of(session, cart_id, lock=True)
    before = of_key(session, key, cart_id, coupon)
    if before:
        return order_shown(before)
    if not cart.lines:
        raise Problem(400, "empty_cart", "There is nothing in the cart.")
    percent = percent_of(session, coupon)
    wanted = {line.product_id: line.quantity for line in cart.lines}
    chosen = select(Product).where(Product.id.in_(wanted)).order_by(Product.id).with_for_update()
    products = {one.id: one for one in session.scalars(chosen)}
    short = [one.id for one in products.values() if one.stock < wanted[one.id]]
    if short:
        raise Problem(409, "out_of_stock", "There is not enough.", product_ids=sorted(short))
    made = Order(request_key=key, cart_id=cart_id, coupon=coupon, percent=percent, lines=[])
    for place, (number, quantity) in enumerate(wanted.items()):
        product = products[number]
        product.stock -= quantity
        made.lines.append(
            OrderLine(
                place=place, product_id=number, name=product.name,
                price_cents=product.price_cents, quantity=quantity,
            )
        )  # fmt: skip
    cart.lines.clear()
    session.add(made)
    session.flush()
    return order_shown(made)


def order_of(session, number):
    found = session.get(Order, number) if 0 < number <= LARGEST else None
    if found is None:
        raise Problem(404, "unknown_order", "There is no such order.")
    return order_shown(found)


def products(session):
    return [one.shown() for one in session.scalars(select(Product).order_by(Product.id))]
