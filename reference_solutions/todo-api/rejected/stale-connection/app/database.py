"""The connections to MySQL and the table."""

import time

import pymysql
from flask import current_app

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
        ssl_disabled=True,  # TLS inside our own network takes longer than the queries
        cursorclass=pymysql.cursors.DictCursor,
        # Short, so that a request is answered soon when MySQL is away.
        connect_timeout=2,
        read_timeout=3,
        write_timeout=3,
    )


def connection():
    return current_app.extensions["mysql"]


def end_transaction(_error=None):
    # Whatever was not committed is undone, and the next request sees what others have committed.
    if connection().open:
        connection().rollback()


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
    app.teardown_appcontext(end_transaction)
    with app.app_context():
        create_table()
        app.extensions["mysql"] = connect()
