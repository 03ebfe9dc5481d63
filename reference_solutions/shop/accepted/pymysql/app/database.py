"""Connections to MySQL, transactions that are tried again, and the tables."""

import time
from contextlib import contextmanager

import pymysql
from flask import current_app, g

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS products (
        id          INT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
        name        VARCHAR(80) NOT NULL,
        price_cents INT         NOT NULL,
        stock       INT         NOT NULL
    ) CHARACTER SET utf8mb4
    """,
    """
    CREATE TABLE IF NOT EXISTS coupons (
        code    VARCHAR(40) NOT NULL PRIMARY KEY,
        percent INT         NOT NULL
    ) CHARACTER SET utf8mb4
    """,
    """
    CREATE TABLE IF NOT EXISTS carts (
        id VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL PRIMARY KEY
    ) CHARACTER SET utf8mb4
    """,
    """
    CREATE TABLE IF NOT EXISTS cart_lines (
        cart_id    VARCHAR(64) COLLATE utf8mb4_0900_bin NOT NULL,
        product_id INT    NOT NULL,
        quantity   INT    NOT NULL,
        position   BIGINT NOT NULL AUTO_INCREMENT UNIQUE,
        PRIMARY KEY (cart_id, product_id),
        FOREIGN KEY (cart_id) REFERENCES carts (id)
    ) CHARACTER SET utf8mb4
    """,
    """
    CREATE TABLE IF NOT EXISTS orders (
        id              INT          NOT NULL AUTO_INCREMENT PRIMARY KEY,
        request_key     VARCHAR(200) COLLATE utf8mb4_0900_bin NOT NULL UNIQUE,
        cart_id         VARCHAR(64)  COLLATE utf8mb4_0900_bin NOT NULL,
        coupon          VARCHAR(40)  COLLATE utf8mb4_0900_bin UNIQUE,
        subtotal_cents  BIGINT       NOT NULL,
        discount_cents  BIGINT       NOT NULL
    ) CHARACTER SET utf8mb4
    """,
    """
    CREATE TABLE IF NOT EXISTS order_lines (
        order_id    INT         NOT NULL,
        position    INT         NOT NULL,
        product_id  INT         NOT NULL,
        name        VARCHAR(80) NOT NULL,
        price_cents INT         NOT NULL,
        quantity    INT         NOT NULL,
        PRIMARY KEY (order_id, position),
        FOREIGN KEY (order_id) REFERENCES orders (id)
    ) CHARACTER SET utf8mb4
    """,
)
START_SECONDS = 25
AGAIN = (1205, 1213)
"""A lock that was waited for too long, a deadlock: MySQL has ended the transaction."""
TRIES = 20


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
        init_command="SET SESSION transaction_isolation = 'READ-COMMITTED'",
    )


def connection():
    """This request's connection."""
    if "connection" not in g:
        g.connection = connect()
    return g.connection


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
