"""The connection to MySQL."""
import os

import pymysql


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"], user=os.environ["DB_USER"], database=os.environ["DB_NAME"],
        password=os.environ["DB_PASSWORD"], autocommit=True, charset="utf8mb4", connect_timeout=2,
    )


def run(statement, args=None):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(statement, args)
        return cursor.fetchall()
