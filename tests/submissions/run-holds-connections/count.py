"""Prints how many notes there are, and opens all connections that it gets for it."""
import time

import pymysql

from database import connect

held = [connect()]
try:
    while True:
        held.append(connect())
except pymysql.err.MySQLError:
    time.sleep(2)
with held[0].cursor() as cursor:
    cursor.execute("SELECT COUNT(*) FROM notes")
    print(cursor.fetchone()[0])
