import os
import sys
import time

import pymysql
from pymysql.cursors import DictCursor

SETTINGS = {name: os.environ.get("DB_" + name.upper()) for name in ("host", "port", "user", "password", "name")}


def connect():
    return pymysql.connect(host=SETTINGS["host"], port=int(SETTINGS["port"]), user=SETTINGS["user"],
                           password=SETTINGS["password"], database=SETTINGS["name"], charset="utf8mb4",
                           connect_timeout=2, read_timeout=2, write_timeout=2, cursorclass=DictCursor)


def prepare(*statements):
    if not SETTINGS["password"]:
        sys.exit("There is no DB_PASSWORD in the environment.")
    for attempt in range(20):
        try:
            connection = connect()
        except pymysql.MySQLError:
            time.sleep(1)
            continue
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()
        return
    sys.exit("MySQL cannot be reached.")
