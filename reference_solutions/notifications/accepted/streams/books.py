"""MariaDB: connections, tables, and what is asked of them."""

import os
from contextlib import contextmanager

import pymysql
from pymysql.cursors import DictCursor

TABLES = (
    """CREATE TABLE IF NOT EXISTS events (
        id BIGINT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(80) NOT NULL, seats INT NOT NULL,
        `left` INT NOT NULL CHECK (`left` >= 0)) CHARACTER SET utf8mb4""",
    """CREATE TABLE IF NOT EXISTS orders (
        id BIGINT AUTO_INCREMENT PRIMARY KEY, event_id BIGINT NOT NULL REFERENCES events (id),
        email VARCHAR(100) NOT NULL, seats INT NOT NULL, request VARBINARY(400) UNIQUE,
        state ENUM ('pending', 'sent', 'failed') NOT NULL DEFAULT 'pending',
        attempts INT NOT NULL DEFAULT 0, error TEXT,
        due DOUBLE NOT NULL, leased DOUBLE NOT NULL DEFAULT 0, INDEX (state, due)
    ) CHARACTER SET utf8mb4""",
)
NOW = "UNIX_TIMESTAMP(NOW(6))"


@contextmanager
def books():
    """A cursor in a transaction."""
    connection = pymysql.connect(
        host=os.environ["BOOKS"], user=os.environ["MARIADB_USER"],
        password=os.environ["MARIADB_PASSWORD"], database=os.environ["MARIADB_DATABASE"],
        charset="utf8mb4", cursorclass=DictCursor, connect_timeout=3,
    )
    try:
        with connection.cursor() as cursor:
            yield cursor
        connection.commit()
    finally:
        connection.close()


def prepare():
    with books() as cursor:
        for table in TABLES:
            cursor.execute(table)


def one(sql, *values):
    with books() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()
