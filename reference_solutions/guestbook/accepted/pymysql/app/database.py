"""The connections to MySQL, and the tables."""

import time

import pymysql
from flask import current_app, g

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS authors (
        id   INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        name VARCHAR(50)  NOT NULL,
        UNIQUE KEY one_name (name)
    ) ENGINE=InnoDB CHARACTER SET utf8mb4
    """,
    """
    CREATE TABLE IF NOT EXISTS entries (
        id         INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        author_id  INT UNSIGNED NOT NULL,
        message    VARCHAR(500) NOT NULL,
        rating     TINYINT      NOT NULL,
        written_at DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP,
        KEY newest (written_at, id),
        CONSTRAINT rating_of_five CHECK (rating BETWEEN 1 AND 5),
        CONSTRAINT of_an_author
            FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE
    ) ENGINE=InnoDB CHARACTER SET utf8mb4
    """,
)
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
    """Run a statement that writes; gives how many rows it has changed, and the new row's id."""
    with connection().cursor() as cursor:
        return cursor.execute(sql, values), cursor.lastrowid


def commit():
    connection().commit()


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


def init_app(app):
    app.teardown_appcontext(close)
    with app.app_context():
        await_mysql()
        for table in TABLES:
            run(table)
