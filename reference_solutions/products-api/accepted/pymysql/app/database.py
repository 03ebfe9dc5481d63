"""Connections to MySQL, transactions, and the tables."""

import time
from contextlib import contextmanager

import pymysql
from flask import current_app, g

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS products (
        id          INT          NOT NULL AUTO_INCREMENT PRIMARY KEY,
        sku         VARCHAR(20)  NOT NULL UNIQUE,
        name        VARCHAR(80)  NOT NULL,
        category    VARCHAR(30)  NOT NULL,
        description VARCHAR(500) NOT NULL DEFAULT '',
        price_cents INT          NOT NULL,
        stock       INT          NOT NULL,
        version     INT          NOT NULL DEFAULT 1,
        INDEX (category),
        INDEX (price_cents)
    ) CHARACTER SET utf8mb4
    """,
    """
    CREATE TABLE IF NOT EXISTS api_keys (
        key_hash     CHAR(64)    NOT NULL PRIMARY KEY,
        client       VARCHAR(80) NOT NULL,
        window_start DOUBLE      NOT NULL DEFAULT 0,
        used         INT         NOT NULL DEFAULT 0
    ) CHARACTER SET utf8mb4
    """,
)
START_SECONDS = 25
TAKEN = 1062
"""A value that a UNIQUE column has already."""
AGAIN = (1205, 1213)
"""A lock that was waited for too long, a deadlock: MySQL has ended the transaction."""
TRIES = 10


def connect():
    config = current_app.config
    return pymysql.connect(
        host=config["DB_HOST"],
        port=config["DB_PORT"],
        user=config["DB_USER"],
        password=config["DB_PASSWORD"],
        database=config["DB_NAME"],
        charset="utf8mb4",
        ssl_disabled=True,  # TLS inside our own network takes longer than the queries
        cursorclass=pymysql.cursors.DictCursor,
        connect_timeout=2,
        read_timeout=4,
        client_flag=pymysql.constants.CLIENT.FOUND_ROWS,
        init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    )


def connection():
    """This request's connection."""
    if "connection" not in g:
        g.connection = connect()
    return g.connection


def rows(sql, *values):
    with connection().cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def row(sql, *values):
    return next(iter(rows(sql, *values)), None)


def run(sql, *values):
    """Run a statement that writes; gives how many rows it has found, and the new id."""
    with connection().cursor() as cursor:
        found = cursor.execute(sql, values)
        return found, cursor.lastrowid


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


def close(_error=None):
    if "connection" in g:
        g.pop("connection").close()


def await_mysql():
    """MySQL may need longer to start than the app does."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            return connection()
        except pymysql.err.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def init_app(app):
    app.teardown_appcontext(close)
    with app.app_context():
        await_mysql()
        for table in TABLES:
            run(table)
