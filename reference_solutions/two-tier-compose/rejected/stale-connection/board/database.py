"""The connection to MySQL."""

import pymysql
from flask import current_app


def connect(app):
    config = app.config
    app.extensions["mysql"] = pymysql.connect(
        host=config["DB_HOST"],
        user=config["DB_USER"],
        password=config["DB_PASSWORD"],
        database=config["DB_NAME"],
        charset="utf8mb4",
        cursorclass=pymysql.cursors.DictCursor,
        autocommit=True,
        connect_timeout=2,
        read_timeout=3,
        write_timeout=3,
    )


def connection():
    return current_app.extensions["mysql"]
