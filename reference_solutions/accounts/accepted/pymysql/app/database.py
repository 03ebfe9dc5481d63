"""The connections to MySQL, the tables, and the administrator's account."""

import time

import pymysql
from flask import current_app, g

from .security import hash_password

TABLES = {
    "users": """
        CREATE TABLE users (
            id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
            username      VARCHAR(30)  COLLATE utf8mb4_0900_bin NOT NULL UNIQUE,
            password_hash VARCHAR(255) NOT NULL,
            is_admin      BOOLEAN      NOT NULL DEFAULT FALSE
        ) CHARACTER SET utf8mb4
    """,
    "notes": """
        CREATE TABLE notes (
            id      INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
            user_id INT UNSIGNED NOT NULL,
            text    VARCHAR(500) NOT NULL,
            FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
        ) CHARACTER SET utf8mb4
    """,
}
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
    """Run a statement that writes, and commit; gives the new id."""
    with connection().cursor() as cursor:
        cursor.execute(sql, values)
        connection().commit()
        return cursor.lastrowid


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


def create_tables():
    # CREATE TABLE IF NOT EXISTS asks for the right to create, also where there is nothing to do.
    there = {name for found in rows("SHOW TABLES") for name in found.values()}
    for name, statement in TABLES.items():
        if name not in there:
            run(statement)


def create_admin():
    name = current_app.config["ADMIN_USERNAME"]
    if row("SELECT id FROM users WHERE username = %s", name) is None:
        hashed = hash_password(current_app.config["ADMIN_PASSWORD"])
        run(
            "INSERT INTO users (username, password_hash, is_admin) VALUES (%s, %s, TRUE)",
            name,
            hashed,
        )


def init_app(app):
    app.teardown_appcontext(close)
    with app.app_context():
        await_mysql()
        create_tables()
        create_admin()
