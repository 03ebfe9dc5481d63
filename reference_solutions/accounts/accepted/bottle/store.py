"""MySQL: connections, tables, passwords."""

import hashlib
import hmac
import os
import secrets
import time

import pymysql

# usual collations, and ascii_bin as well, take "ada " for "ada"
LETTERS = "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin"
TABLES = {
    "person": f"""CREATE TABLE person (
        name VARCHAR(30) {LETTERS} PRIMARY KEY,
        salt BINARY(16) NOT NULL, hash BINARY(32) NOT NULL, role VARCHAR(10) NOT NULL)""",
    "visit": f"""CREATE TABLE visit (
        digest CHAR(64) CHARACTER SET ascii PRIMARY KEY, token CHAR(43) NOT NULL,
        name VARCHAR(30) {LETTERS} NULL,
        FOREIGN KEY (name) REFERENCES person (name) ON DELETE CASCADE)""",
    "memo": f"""CREATE TABLE memo (
        id INT AUTO_INCREMENT PRIMARY KEY, words TEXT CHARACTER SET utf8mb4 NOT NULL,
        name VARCHAR(30) {LETTERS} NOT NULL,
        FOREIGN KEY (name) REFERENCES person (name) ON DELETE CASCADE)""",
}


def ask(sql, *values):
    """The rows of one statement, committed."""
    env = os.environ
    link = pymysql.connect(
        host=env["DB_HOST"], port=int(env["DB_PORT"]), user=env["DB_USER"],
        password=env["DB_PASSWORD"], database=env["DB_NAME"], charset="utf8mb4",
        autocommit=True, cursorclass=pymysql.cursors.DictCursor, connect_timeout=3,
        ssl_disabled=True,  # the network is our own
    )
    with link, link.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall() or cursor.lastrowid


def derived(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def add_person(name, password, role="user"):
    salt = secrets.token_bytes(16)
    values = (name, salt, derived(password, salt), role)
    ask("INSERT INTO person (name, salt, hash, role) VALUES (%s, %s, %s, %s)", *values)


def set_password(name, password):
    salt = secrets.token_bytes(16)
    ask("UPDATE person SET salt = %s, hash = %s WHERE name = %s",
        salt, derived(password, salt), name)


def knows(name, password):
    found = ask("SELECT salt, hash FROM person WHERE name = %s", name)
    row = found[0] if found else {"salt": bytes(16), "hash": b""}
    return hmac.compare_digest(derived(password, row["salt"]), row["hash"])


def prepare():
    end = time.monotonic() + 25
    while True:
        try:
            there = {name for row in ask("SHOW TABLES") or () for name in row.values()}
            break
        except pymysql.err.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
    for name, statement in TABLES.items():
        if name not in there:
            ask(statement)
    admin = os.environ["ADMIN_USERNAME"]
    if not ask("SELECT name FROM person WHERE name = %s", admin):
        add_person(admin, os.environ["ADMIN_PASSWORD"], "admin")
