"""The connection to MySQL and the table."""

import time

import pymysql
from flask import current_app, g

SCHEMA = """
CREATE TABLE IF NOT EXISTS todos (
    id          INT UNSIGNED  NOT NULL AUTO_INCREMENT PRIMARY KEY,
    title       VARCHAR(120)  NOT NULL,
    description VARCHAR(1000) NOT NULL,
    done        BOOLEAN       NOT NULL,
    due_date    DATE          NULL,
    created_at  DATETIME      NOT NULL
) CHARACTER SET utf8mb4
"""
START_SECONDS = 25


def connect():
    config = current_app.config
    return pymysql.connect(
        host=config["DB_HOST"],
        port=config["DB_PORT"],
        user=config["DB_USER"],
        password=config["DB_PASSWORD"],
        database=config["DB_NAME"],
        charset="utf8mb4",
        cursorclass=pymysql.cursors.DictCursor,
        # Short, so that a request is answered soon when MySQL is away.
        connect_timeout=2,
        read_timeout=3,
        write_timeout=3,
    )


def connection():
    """This request's connection. A new one for each, so none can be out of date."""
    if "connection" not in g:
        g.connection = connect()
    return g.connection


def close(_error=None):
    # Whatever was not committed is rolled back here.
    if "connection" in g:
        g.pop("connection").close()


def create_table():
    """Create the table; wait for MySQL, which may need longer to start than the app does."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            with connect() as fresh, fresh.cursor() as cursor:
                cursor.execute(SCHEMA)
            return
        except pymysql.err.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def init_app(app):
    app.teardown_appcontext(close)
    with app.app_context():
        create_table()
