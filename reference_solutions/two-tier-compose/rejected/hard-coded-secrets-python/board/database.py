"""One connection to MySQL for each request that needs one."""

import pymysql
from flask import current_app, g


def connection():
    # Opened when it is first needed, so the app starts without MySQL and outlives its restarts.
    if "connection" not in g:
        config = current_app.config
        g.connection = pymysql.connect(
            host=config["DB_HOST"],
            user=config["DB_USER"],
            password="change-me",
            database=config["DB_NAME"],
            charset="utf8mb4",
            cursorclass=pymysql.cursors.DictCursor,
            # Short, so that a request is answered soon when MySQL is away.
            connect_timeout=2,
            read_timeout=3,
            write_timeout=3,
        )
    return g.connection


def close(_error=None):
    if "connection" in g:
        g.connection.close()
