"""Connections to MySQL, and transactions that are tried again."""

from contextlib import contextmanager

import pymysql
from flask import current_app, g

AGAIN = (1205, 1213)
"""A lock that was waited for too long, a deadlock: MySQL has ended the transaction."""
TRIES = 10


def settings(environment):
    return {
        "host": environment["DB_HOST"],
        "port": int(environment["DB_PORT"]),
        "database": environment["DB_NAME"],
        "user": environment["DB_USER"],
        "password": environment["DB_PASSWORD"],
    }


def connect(found):
    return pymysql.connect(
        **found,
        charset="utf8mb4",
        ssl_disabled=True,  # TLS inside our own network takes longer than the queries
        cursorclass=pymysql.cursors.DictCursor,
        connect_timeout=5,
        init_command="SET SESSION transaction_isolation = 'READ-COMMITTED'",
    )


def connection():
    """This request's connection."""
    if "connection" not in g:
        g.connection = connect(current_app.config["DATABASE"])
    return g.connection


def close(_error=None):
    if "connection" in g:
        g.pop("connection").close()


def rows(sql, *values):
    with connection().cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def row(sql, *values):
    return next(iter(rows(sql, *values)), None)


def run(sql, *values):
    """Run a statement that writes; gives how many rows it has changed, and the new id."""
    with connection().cursor() as cursor:
        changed = cursor.execute(sql, values)
        return changed, cursor.lastrowid


def marks(values):
    """So many placeholders."""
    return ", ".join(["%s"] * len(values))


@contextmanager
def transaction():
    """All within the block, or nothing of it."""
    try:
        yield
        connection().commit()
    except BaseException:
        connection().rollback()
        raise


def tried_again(work):
    """Return what `work` gives, which is run again where MySQL ended its transaction."""
    for left in reversed(range(TRIES)):
        try:
            with transaction():
                return work()
        except pymysql.err.OperationalError as error:
            if error.args[0] not in AGAIN or not left:
                raise
