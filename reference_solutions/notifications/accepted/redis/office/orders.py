"""Events and orders in MySQL. An order and its job are written in one transaction."""

from pymysql.err import IntegrityError

from .checks import Refusal, row_id
from .database import transaction

ORDER = """
SELECT orders.id, jobs.id AS job_id, orders.event_id, orders.email, orders.seats
FROM orders JOIN jobs ON jobs.order_id = orders.id
"""


def create_event(title, seats):
    with transaction() as cursor:
        cursor.execute(
            "INSERT INTO events (title, seats, free) VALUES (%s, %s, %s)", [title, seats, seats]
        )
        return read_event(cursor, cursor.lastrowid)


def read_event(cursor, number):
    cursor.execute(
        "SELECT id, title, seats, free AS `left` FROM events WHERE id = %s", [row_id(number)]
    )
    return found(cursor.fetchone())


def found(row):
    if row is None:
        raise Refusal(404, "not_found")
    return row


def create(order, request=None):
    """The order of a request; that of the first one where it comes twice."""
    try:
        with transaction() as cursor:
            return repeated(cursor, order, request) or insert(cursor, order, request)
    except IntegrityError:  # another request with this key was quicker
        with transaction() as cursor:
            return repeated(cursor, order, request)


def create_all(orders):
    with transaction() as cursor:
        return [insert(cursor, one) for one in orders]


def repeated(cursor, order, request):
    cursor.execute(f"{ORDER} WHERE request = %s", [request])
    before = cursor.fetchone()
    if before and any(before[name] != order[name] for name in ("email", "seats")):
        raise Refusal(409, "key_reused")
    if before and before["event_id"] != row_id(order["event_id"]):
        raise Refusal(409, "key_reused")
    return before


def insert(cursor, order, request=None):
    number, seats = row_id(order["event_id"]), order["seats"]
    taken = cursor.execute(
        "UPDATE events SET free = free - %s WHERE id = %s AND free >= %s", [seats, number, seats]
    )
    if not taken:
        read_event(cursor, number)
        raise Refusal(409, "sold_out")
    cursor.execute(
        "INSERT INTO orders (event_id, email, seats, request) VALUES (%s, %s, %s, %s)",
        [number, order["email"], seats, request],
    )
    made = cursor.lastrowid
    cursor.execute("INSERT INTO jobs (order_id) VALUES (%s)", [made])
    cursor.execute(f"{ORDER} WHERE orders.id = %s", [made])
    return cursor.fetchone()
