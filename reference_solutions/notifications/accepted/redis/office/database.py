"""Connections to MySQL, each for one piece of work."""

import os
from contextlib import contextmanager

import pymysql
from pymysql.cursors import DictCursor


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"],
        user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        database=os.environ["DB_NAME"],
        charset="utf8mb4",
        cursorclass=DictCursor,
        connect_timeout=3,
        init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    )


@contextmanager
def transaction():
    """A cursor within one transaction: committed at the end, rolled back by an exception."""
    connection = connect()
    try:
        with connection.cursor() as cursor:
            yield cursor
        connection.commit()
    finally:
        connection.close()  # without a commit that is a rollback
