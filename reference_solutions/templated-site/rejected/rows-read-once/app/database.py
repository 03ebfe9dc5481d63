"""The table, and the connections to MySQL."""

import functools
import threading
import time

import pymysql
from flask import current_app

SCHEMA = """
CREATE TABLE IF NOT EXISTS products (
    id          INT          NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name        VARCHAR(80)  NOT NULL,
    category    VARCHAR(40)  NOT NULL,
    description TEXT         NOT NULL,
    price_cents INT          NOT NULL,
    added_on    DATE         NOT NULL
) CHARACTER SET utf8mb4
"""
START_SECONDS = 25

# Each of gunicorn's threads keeps a connection: to open one takes longer than most queries, and
# two threads must not use the same one at the same time.
threads = threading.local()


def connect():
    config = current_app.config
    return pymysql.connect(
        host=config["DB_HOST"],
        port=int(config["DB_PORT"]),
        user=config["DB_USER"],
        password=config["DB_PASSWORD"],
        database=config["DB_NAME"],
        charset="utf8mb4",
        ssl_disabled=True,  # TLS inside our own network takes longer than the queries
        cursorclass=pymysql.cursors.DictCursor,
        autocommit=True,  # so that each query sees what others have committed by now
        connect_timeout=3,
    )


@functools.cache
def rows(sql, values):
    """The rows that `sql` gives, each a dictionary."""
    if not hasattr(threads, "connection"):
        threads.connection = connect()
    threads.connection.ping(reconnect=True)  # MySQL closes those that are idle for long
    with threads.connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def query(sql, values=()):
    return rows(sql, tuple(values))


def create_table():
    """Create the table; wait for MySQL, which may need longer to start than the app does."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            query(SCHEMA)
            return
        except pymysql.err.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def init_app(app):
    with app.app_context():
        create_table()
