"""The connections to MySQL, and the table."""

import time

import pymysql
from flask import current_app, g

TABLE = """
    CREATE TABLE IF NOT EXISTS messages (
        id      INT UNSIGNED  NOT NULL AUTO_INCREMENT PRIMARY KEY,
        name    VARCHAR(80)   NOT NULL,
        email   VARCHAR(254)  NOT NULL,
        subject VARCHAR(200)  NOT NULL,
        message TEXT          NOT NULL,
        sent_at TIMESTAMP     NOT NULL DEFAULT CURRENT_TIMESTAMP
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
        ssl_disabled=True,  # TLS inside our own network takes longer than the queries
        cursorclass=pymysql.cursors.DictCursor,
        connect_timeout=2,
        read_timeout=4,
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
    """Run a statement that writes, and commit; gives how many rows it has changed."""
    with connection().cursor() as cursor:
        changed = cursor.execute(sql, values)
        connection().commit()
        return changed


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
        run(TABLE)
