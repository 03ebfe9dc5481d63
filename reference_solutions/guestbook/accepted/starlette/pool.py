"""A few connections to MySQL, for one request at a time each."""

import os
import queue
import time
from contextlib import contextmanager
from pathlib import Path

import mysql.connector

SIZE = 6
free = queue.LifoQueue()


def connect():
    return mysql.connector.connect(
        host=os.environ["DB_HOST"],
        port=int(os.environ["DB_PORT"]),
        database=os.environ["DB_NAME"],
        user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        charset="utf8mb4",
        use_pure=True,
        connection_timeout=3,
    )


@contextmanager
def cursor():
    """A cursor for a block; what it did is committed at its end, or undone where it fails."""
    connection = free.get()
    try:
        connection.ping(reconnect=True)
        with connection.cursor(dictionary=True, buffered=True) as found:
            yield found
        connection.commit()
    except BaseException:
        undo(connection)
        raise
    finally:
        free.put(connection)


def undo(connection):
    try:
        connection.rollback()
    except mysql.connector.Error:
        connection.close()


def fill(seconds=25):
    end = time.monotonic() + seconds
    while free.qsize() < SIZE:
        try:
            free.put(connect())
        except mysql.connector.Error:
            if time.monotonic() > end:
                raise
            time.sleep(0.25)
    with cursor() as asked:
        for statement in Path("schema.sql").read_text().split(";\n"):
            asked.execute(statement)
        asked.execute(
            "SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()"
            " AND table_name = 'authors' AND index_name = 'names'"
        )
        if not asked.fetchall():
            asked.execute("CREATE UNIQUE INDEX names ON authors (name)")
