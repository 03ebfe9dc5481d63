"""One connection to MySQL for each request that needs one."""

import time

import pymysql
from flask import current_app, g


def connect():
    config = current_app.config
    return pymysql.connect(
        host=config["DB_HOST"],
        user=config["DB_USER"],
        password=config["DB_PASSWORD"],
        database=config["DB_NAME"],
        charset="utf8mb4",
        cursorclass=pymysql.cursors.DictCursor,
    )


def connection():
    while "connection" not in g:
        try:
            g.connection = connect()
        except pymysql.err.OperationalError:
            time.sleep(1)
    return g.connection


def close(_error=None):
    if "connection" in g:
        g.connection.close()
