"""The worker: hands jobs that are due to Redis, takes them from there, and sends their mails."""

import os
import signal
import sys
import time

import pymysql
import redis

from . import mails
from .database import transaction

QUEUE = "jobs"
JOB = """
SELECT jobs.id, order_id, attempts, email, orders.seats, title FROM jobs
JOIN orders ON orders.id = jobs.order_id JOIN events ON events.id = orders.event_id
WHERE jobs.id = %s AND state = 'pending' AND due <= CURRENT_TIMESTAMP(3)
FOR UPDATE OF jobs SKIP LOCKED
"""


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        try:
            serve(redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=3))
        except (redis.RedisError, pymysql.MySQLError) as error:
            print(f"Begins again: {error!r}")
            time.sleep(0.2)


def serve(broker):
    """Work until something is lost. Then what the broker had counts for nothing."""
    broker.ping()
    with transaction() as cursor:
        cursor.execute("UPDATE jobs SET queued = FALSE WHERE state = 'pending'")
    while True:
        relay(broker)
        if taken := broker.blpop([QUEUE], timeout=0.1):
            work(int(taken[1]))


def relay(broker):
    """Hand over what is due and not yet handed over."""
    with transaction() as cursor:
        cursor.execute(
            "SELECT id FROM jobs WHERE state = 'pending' AND NOT queued"
            " AND due <= CURRENT_TIMESTAMP(3) ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED"
        )
        numbers = [row["id"] for row in cursor.fetchall()]
        if numbers:
            broker.rpush(QUEUE, *numbers)
            cursor.execute("UPDATE jobs SET queued = TRUE WHERE id IN %s", [numbers])


def work(number):
    """Send the mail of a job, its row locked meanwhile; nothing where it was sent already."""
    with transaction() as cursor:
        cursor.execute(JOB, [number])
        if job := cursor.fetchone():
            try:
                mails.send(job)
            except OSError as error:
                refused(cursor, job, error)
            else:
                cursor.execute(
                    "UPDATE jobs SET state = 'sent', attempts = attempts + 1, error = NULL"
                    " WHERE id = %s",
                    [number],
                )


def refused(cursor, job, error):
    """Have a job tried again later, or give it up."""
    code, attempts = mails.code_of(error), job["attempts"] + 1
    over = code >= 500 or attempts >= int(os.environ["MAX_ATTEMPTS"])
    pause = float(os.environ["RETRY_SECONDS"]) * 2 ** (attempts - 1)
    cursor.execute(
        "UPDATE jobs SET state = %s, attempts = %s, error = %s, queued = FALSE,"
        " due = CURRENT_TIMESTAMP(3) + INTERVAL %s MICROSECOND WHERE id = %s",
        [
            "failed" if over else "pending", attempts, f"{code} {error}"[:500],
            int(pause * 1_000_000), job["id"],
        ],
    )


if __name__ == "__main__":
    main()
