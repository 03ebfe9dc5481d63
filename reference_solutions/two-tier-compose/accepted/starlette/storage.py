"""Letters in MySQL, each piece of work with a connection of its own."""

import os
from contextlib import contextmanager

import pymysql

Lost = (pymysql.err.OperationalError, pymysql.err.InterfaceError)
MAKE = """
CREATE TABLE IF NOT EXISTS letter (
    position BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
    sender VARCHAR(60) NOT NULL,
    body TEXT NOT NULL,
    sent TIMESTAMP(3) NOT NULL
) CHARSET utf8mb4
"""
READ = "SELECT position AS id, sender AS author, body AS text, sent AS created_at FROM letter"


@contextmanager
def session():
    link = pymysql.connect(
        host=os.environ["STORAGE"], user=os.environ["MYSQL_USER"],
        password=os.environ["MYSQL_PASSWORD"], database=os.environ["MYSQL_DATABASE"],
        charset="utf8mb4", init_command="SET time_zone = '+00:00'", ssl_disabled=True,
        connect_timeout=2, read_timeout=2, cursorclass=pymysql.cursors.DictCursor,
    )
    try:
        with link.cursor() as cursor:
            yield cursor
        link.commit()
    finally:
        link.close()


def make_table():
    with session() as cursor:
        cursor.execute(MAKE)


def add(author, text):
    with session() as cursor:
        cursor.execute(
            "INSERT INTO letter (sender, body, sent) VALUES (%s, %s, UTC_TIMESTAMP(3))",
            (author, text),
        )
        cursor.execute(f"{READ} WHERE position = %s", cursor.lastrowid)
        return cursor.fetchone()


def one(position):
    with session() as cursor:
        cursor.execute(f"{READ} WHERE position = %s", position)
        return cursor.fetchone()


def latest():
    """The newest 50, and how many there are."""
    with session() as cursor:
        cursor.execute(f"{READ} ORDER BY position DESC LIMIT 50")
        found = list(cursor.fetchall())
        cursor.execute("SELECT COUNT(*) AS n FROM letter")
        return found, cursor.fetchone()["n"]
