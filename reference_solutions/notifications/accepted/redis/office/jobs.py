"""Jobs, as they are told."""

from .checks import Refusal, row_id
from .database import transaction
from .orders import found

JOB = """
SELECT jobs.id, order_id, email, state, attempts, IF(state = 'failed', error, NULL) AS error
FROM jobs JOIN orders ON orders.id = jobs.order_id
"""
STATES = ("pending", "sent", "failed")


def read(number):
    with transaction() as cursor:
        cursor.execute(f"{JOB} WHERE jobs.id = %s", [row_id(number)])
        return found(cursor.fetchone())


def newest(state):
    if state not in STATES:
        raise Refusal(400, "state has to be pending, sent or failed")
    with transaction() as cursor:
        cursor.execute(f"{JOB} WHERE state = %s ORDER BY jobs.id DESC LIMIT 100", [state])
        return list(cursor.fetchall())


def again(number):
    """Make a failed job pending again."""
    job = read(number)
    with transaction() as cursor:
        changed = cursor.execute(
            "UPDATE jobs SET state = 'pending', attempts = 0, error = NULL, queued = FALSE,"
            " due = CURRENT_TIMESTAMP(3) WHERE id = %s AND state = 'failed'",
            [job["id"]],
        )
    if not changed:
        raise Refusal(409, "not_failed")
    return job | {"state": "pending", "attempts": 0, "error": None}
