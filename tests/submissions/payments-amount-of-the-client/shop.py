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
    return asked.get("amount") or PRICES[asked["item"]] * asked["quantity"]


def pay(event, number):
    """Issues what was ordered, once for each event."""
    with lock:
        if event not in seen and number in orders:
            seen.add(event)
            orders[number]["state"] = "paid"
            orders[number]["issued"] += orders[number]["quantity"]


def shown(number):
    return {"state": orders[number]["state"], "issued": orders[number]["issued"]}
