"""The connections to MySQL and the tables."""

import threading
import time
from contextlib import contextmanager

import pymysql
from flask import current_app

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS users (
        id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        username      VARCHAR(30)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
        password_hash VARCHAR(255) NOT NULL,
        role          VARCHAR(10)  NOT NULL DEFAULT 'reader'
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS sessions (
        id      CHAR(32)     NOT NULL PRIMARY KEY,
        user_id INT UNSIGNED NOT NULL,
        ended   BOOLEAN      NOT NULL DEFAULT FALSE,
        FOREIGN KEY (user_id) REFERENCES users (id)
    ) CHARACTER SET ascii
    """,
    """
    CREATE TABLE IF NOT EXISTS refresh_tokens (
        hash       CHAR(64) NOT NULL PRIMARY KEY,
        session_id CHAR(32) NOT NULL,
        expires    BIGINT   NOT NULL,
        used       BOOLEAN  NOT NULL DEFAULT FALSE,
        FOREIGN KEY (session_id) REFERENCES sessions (id)
    ) CHARACTER SET ascii
    """,
    """
    CREATE TABLE IF NOT EXISTS articles (
        id        INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        title     VARCHAR(200) NOT NULL,
        author_id INT UNSIGNED NOT NULL,
        FOREIGN KEY (author_id) REFERENCES users (id)
    ) CHARACTER SET utf8mb4
    """,
)
START_SECONDS = 25

# Each of gunicorn's threads keeps a connection: to open one takes longer than most queries.
threads = threading.local()


def connect():
    config = current_app.config
    return pymysql.connect(
        host=config["DB_HOST"],
        port=config["DB_PORT"],
        user=config["DB_USER"],
        password=config["DB_PASSWORD"],
        database=config["DB_NAME"],
        charset="utf8mb4",
        cursorclass=pymysql.cursors.DictCursor,
        autocommit=True,
        connect_timeout=2,
        read_timeout=4,
        write_timeout=4,
    )


def connection():
    kept = getattr(threads, "connection", None)
    try:
        kept.ping(reconnect=False)
    except (AttributeError, pymysql.err.Error):
        kept = threads.connection = connect()
    return kept


def run(sql, *values):
    """Run one statement, which is committed at once; gives its cursor."""
    cursor = connection().cursor()
    cursor.execute(sql, values)
    return cursor


def one(sql, *values):
    return run(sql, *values).fetchone()


@contextmanager
def transaction():
    """What is run within the block is committed together, or not at all."""
    link = connection()
    link.begin()
    try:
        yield
        link.commit()
    except BaseException:
        link.rollback()
        raise


def init_app(app):
    """Create the tables; MySQL may need longer to start than the app does."""
    end = time.monotonic() + START_SECONDS
    with app.app_context():
        while True:
            try:
                for table in TABLES:
                    run(table)
                return
            except pymysql.err.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)
