"""The rows of the table `products`. One connection in all, taken in turns."""

import os
import threading
import time

import pymysql

COLUMNS = "id, name, category, description, price_cents, added_on"
TABLE = """
CREATE TABLE IF NOT EXISTS products (
    id INT AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(80) NOT NULL,
    category VARCHAR(40) NOT NULL,
    description TEXT NOT NULL,
    price_cents INT NOT NULL,
    added_on DATE NOT NULL
) CHARACTER SET utf8mb4
"""
turn = threading.Lock()
kept = None


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"], port=int(os.environ["DB_PORT"]), user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"], database=os.environ["DB_NAME"], charset="utf8mb4",
        cursorclass=pymysql.cursors.DictCursor,
        autocommit=True,  # each statement sees what is committed by now
    )  # fmt: skip


def run(sql, values=()):
    with turn:
        kept.ping(reconnect=True)
        with kept.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()


def begin():
    """Connect, as soon as MySQL is there, and create the table."""
    global kept
    for _ in range(100):
        try:
            kept = connect()
            break
        except pymysql.err.OperationalError:
            time.sleep(0.25)
    run(TABLE)


def find(text="", category="", number=None, limit=1000):
    """Products, newest first."""
    pattern = text.replace("|", "||").replace("%", "|%").replace("_", "|_")
    return run(
        f"SELECT {COLUMNS} FROM products WHERE (%(number)s IS NULL OR id = %(number)s)"
        " AND (name LIKE %(like)s ESCAPE '|' OR description LIKE %(like)s ESCAPE '|')"
        " AND (%(category)s = '' OR category = %(category)s)"
        " ORDER BY added_on DESC, id DESC LIMIT %(limit)s",
        {"like": f"%{pattern}%", "category": category, "number": number, "limit": limit},
    )


def categories():
    found = run("SELECT category FROM products GROUP BY category ORDER BY category")
    return [row["category"] for row in found]
