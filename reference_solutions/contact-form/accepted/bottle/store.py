"""MySQL: one connection for each thread, and three tables."""

import os
import threading
import time

import pymysql

TABLES = (
    "CREATE TABLE IF NOT EXISTS letter (id BIGINT PRIMARY KEY AUTO_INCREMENT,"
    " sender VARCHAR(80) NOT NULL, address VARCHAR(254) NOT NULL, topic INT NOT NULL,"
    " words VARCHAR(1010) NOT NULL) CHARACTER SET utf8mb4",
    "CREATE TABLE IF NOT EXISTS topic (id INT PRIMARY KEY AUTO_INCREMENT,"
    " label VARCHAR(190) COLLATE utf8mb4_bin NOT NULL UNIQUE) CHARACTER SET utf8mb4",
    "CREATE TABLE IF NOT EXISTS visit (id CHAR(64) PRIMARY KEY,"
    " clerk BOOLEAN NOT NULL DEFAULT 0, news VARCHAR(200)) CHARACTER SET utf8mb4",
)

own = threading.local()


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"],
        port=int(os.environ["DB_PORT"]),
        user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        database=os.environ["DB_NAME"],
        charset="utf8mb4",
        autocommit=True,
        cursorclass=pymysql.cursors.DictCursor,
    )


def ask(sql, *values):
    """The rows, or how many were changed."""
    if not hasattr(own, "connection"):
        own.connection = connect()
    own.connection.ping(reconnect=True)
    with own.connection.cursor() as cursor:
        changed = cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else changed


def prepare(subjects):
    for _ in range(100):
        try:
            ask("SELECT 1")
            break
        except pymysql.err.OperationalError:
            time.sleep(0.25)
    for table in TABLES:
        ask(table)
    for one in subjects:
        ask("INSERT IGNORE INTO topic (label) VALUES (%s)", one)
