"""Rejected: in a container, localhost is the container itself."""

import os
import time

import pymysql

TABLE = """
CREATE TABLE IF NOT EXISTS notes (
    id   INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    text VARCHAR(200) NOT NULL
) CHARACTER SET utf8mb4
"""
START_SECONDS = 0


def connect():
    return pymysql.connect(
        host="localhost",
        user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        database=os.environ["DB_NAME"],
        charset="utf8mb4",
        ssl_disabled=True,  # TLS inside our own network takes longer than the queries
        connect_timeout=2,
        cursorclass=pymysql.cursors.DictCursor,
    )


def create_table():
    """Create the table; MySQL may need longer to start than the app does."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            return execute(TABLE)
        except pymysql.err.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def execute(sql, *values):
    """Run one statement, commit it, and give the id of the new row."""
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        connection.commit()
        return cursor.lastrowid


def rows(sql, *values):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
