"""People, sessions and articles in MySQL: a connection for each piece of work."""

from contextlib import contextmanager

import pymysql
import settings

TABLES = (
    """CREATE TABLE IF NOT EXISTS person (
        number INT AUTO_INCREMENT PRIMARY KEY,
        name VARBINARY(30) NOT NULL UNIQUE,
        secret VARBINARY(60) NOT NULL,
        role ENUM('reader', 'editor', 'admin') NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS login (
        number BIGINT AUTO_INCREMENT PRIMARY KEY,
        person INT NOT NULL,
        turn INT NOT NULL DEFAULT 0,
        FOREIGN KEY (person) REFERENCES person (number)
    )""",
    """CREATE TABLE IF NOT EXISTS piece (
        number INT AUTO_INCREMENT PRIMARY KEY,
        title VARCHAR(200) NOT NULL,
        person INT NOT NULL,
        FOREIGN KEY (person) REFERENCES person (number)
    ) DEFAULT CHARSET utf8mb4""",
)


@contextmanager
def work():
    """A cursor; what is done with it is committed at the end of the block."""
    link = pymysql.connect(
        **settings.DATABASE, charset="utf8mb4", connect_timeout=2, read_timeout=4, write_timeout=4
    )
    with link:
        with link.cursor() as cursor:
            yield cursor
        link.commit()


def change(sql, *values):
    """The number of rows that were changed, and of the new row."""
    with work() as cursor:
        return cursor.execute(sql, values), cursor.lastrowid


def all_of(sql, *values):
    with work() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def first(sql, *values):
    return next(iter(all_of(sql, *values)), None)


def set_up(name, secret):
    for table in TABLES:
        change(table)
    change("INSERT IGNORE INTO person (name, secret, role) VALUES (%s, %s, 'admin')", name, secret)
