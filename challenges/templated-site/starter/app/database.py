"""The table, and a connection for each request."""

import time

import pymysql
from flask import current_app, g

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


def connect():
    config = current_app.config
    return pymysql.connect(
        host=config["DB_HOST"],
        port=int(config["DB_PORT"]),
        user=config["DB_USER"],
        password=config["DB_PASSWORD"],
        database=config["DB_NAME"],
        charset="utf8mb4",
        cursorclass=pymysql.cursors.DictCursor,
        connect_timeout=3,
    )


def query(sql, values=()):
    """The rows that `sql` gives, each a dictionary."""
    if "connection" not in g:
        g.connection = connect()
    with g.connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def close(_error=None):
    if connection := g.pop("connection", None):
        connection.close()


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
    app.teardown_appcontext(close)
    with app.app_context():
        create_table()
