"""Orders, and what was issued for them."""
import threading

PRICES = {"book": 1250, "ticket": 300}
lock = threading.Lock()
orders = {}
seen = set()


def placed(asked):
    """Notes an order; its number and what it costs."""
    with lock:
        number = str(len(orders) + 1)
        orders[number] = {"quantity": asked["quantity"], "state": "pending", "issued": 0}
    return number, price(asked)


def price(asked):
    return PRICES[asked["item"]] * asked["quantity"]


def pay(event, number):
    """Issues what was ordered, whenever that is said."""
    with lock:
        if number in orders:
            orders[number]["state"] = "paid"
            orders[number]["issued"] += orders[number]["quantity"]


def shown(number):
    return {"state": orders[number]["state"], "issued": orders[number]["issued"]}
