"""Todos in MySQL: a connection for each piece of work, committed at its end."""

import os
from contextlib import contextmanager

import pymysql

TABLE = """
CREATE TABLE IF NOT EXISTS reminder (
    number BIGINT AUTO_INCREMENT PRIMARY KEY,
    caption TEXT NOT NULL,
    details TEXT NOT NULL,
    ticked ENUM('no', 'yes') NOT NULL,
    due CHAR(10) NULL,
    born BIGINT NOT NULL
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_0900_ai_ci
"""
COLUMNS = {"title": "caption", "description": "details", "done": "ticked", "due_date": "due"}
PLACE = {
    "host": os.environ["DB_HOST"],
    "port": int(os.environ["DB_PORT"]),
    "user": os.environ["DB_USER"],
    "password": os.environ["DB_PASSWORD"],
    "database": os.environ["DB_NAME"],
}


@contextmanager
def work():
    link = pymysql.connect(
        **PLACE, charset="utf8mb4", connect_timeout=2, read_timeout=3, write_timeout=3,
        cursorclass=pymysql.cursors.DictCursor,
    )
    with link:
        with link.cursor() as cursor:
            yield cursor
        link.commit()


def set_up():
    with work() as cursor:
        cursor.execute(TABLE)


def stored(values):
    """Columns with what they hold for the fields of a todo."""
    row = {COLUMNS[name]: value for name, value in values.items()}
    if "ticked" in row:
        row["ticked"] = "yes" if row["ticked"] else "no"
    return row


def insert(values, now):
    row = stored(values) | {"born": now}
    places = ", ".join(["%s"] * len(row))
    with work() as cursor:
        statement = f"INSERT INTO reminder ({', '.join(row)}) VALUES ({places})"
        cursor.execute(statement, list(row.values()))
        return one(cursor, cursor.lastrowid)


def one(cursor, number):
    cursor.execute("SELECT * FROM reminder WHERE number = %s", [number])
    return cursor.fetchone()


def get(number):
    with work() as cursor:
        return one(cursor, number)


def update(number, values):
    row = stored(values)
    with work() as cursor:
        changes = ", ".join(f"{column} = %s" for column in row)
        statement = f"UPDATE reminder SET {changes} WHERE number = %s"
        cursor.execute(statement, [*row.values(), number])
        return one(cursor, number)


def delete(number):
    with work() as cursor:
        return cursor.execute("DELETE FROM reminder WHERE number = %s", [number])


def search(text, done, first, count):
    """Some of the todos that fit, and how many fit."""
    # LOCATE looks for the text to the letter, so nothing in it has to be escaped.
    fits = "(%(q)s = '' OR LOCATE(%(q)s, caption) OR LOCATE(%(q)s, details))"
    if done is not None:
        fits += " AND ticked = %(ticked)s"
    values = {"q": text, "ticked": "yes" if done else "no", "first": first, "count": count}
    with work() as cursor:
        cursor.execute(f"SELECT COUNT(*) AS n FROM reminder WHERE {fits}", values)
        total = cursor.fetchone()["n"]
        cursor.execute(
            f"SELECT * FROM reminder WHERE {fits} ORDER BY number DESC LIMIT %(first)s, %(count)s",
            values,
        )
        return cursor.fetchall(), total
