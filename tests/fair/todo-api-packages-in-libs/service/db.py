import datetime
import os
import time

import pymysql
from pymysql.constants import CLIENT

if not os.environ.get("DB_PASSWORD"):
    raise SystemExit("Set DB_PASSWORD.")

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS head (
        id INT UNSIGNED NOT NULL AUTO_INCREMENT,
        title TINYTEXT NOT NULL,
        done BIT(1) NOT NULL DEFAULT b'0',
        due DATE NULL,
        created DATETIME(6) NOT NULL,
        PRIMARY KEY (id)) CHARACTER SET utf8mb4""".replace("TINYTEXT", "TEXT"),
    """CREATE TABLE IF NOT EXISTS note (
        head_id INT UNSIGNED NOT NULL PRIMARY KEY,
        description MEDIUMTEXT NOT NULL,
        FOREIGN KEY (head_id) REFERENCES head (id) ON DELETE CASCADE) CHARACTER SET utf8mb4""",
)
SELECT = """SELECT h.id, h.title, n.description, h.done + 0 AS done,
            h.due, h.created FROM head h JOIN note n ON n.head_id = h.id"""


class Transaction:
    """One connection for one request: COMMIT at the end, ROLLBACK after an error."""

    def __enter__(self):
        env = os.environ
        self.connection = pymysql.connect(
            host=env["DB_HOST"], port=int(env["DB_PORT"]), user=env["DB_USER"], passwd=env["DB_PASSWORD"],
            db=env["DB_NAME"], charset="utf8mb4", connect_timeout=2, read_timeout=2, write_timeout=2,
            client_flag=CLIENT.FOUND_ROWS, cursorclass=pymysql.cursors.DictCursor)
        self.cursor = self.connection.cursor()
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.connection.commit()
        finally:
            self.connection.close()

    def run(self, sql, *args):
        return self.cursor.execute(sql, args)

    def todo(self, number):
        self.run(SELECT + " WHERE h.id = %s", number)
        return shape(self.cursor.fetchone())

    def all(self):
        self.run(SELECT + " ORDER BY h.id DESC")
        return [shape(row) for row in self.cursor.fetchall()]

    def insert(self, f):
        self.run("INSERT INTO head (title, done, due, created) VALUES (%s, %s, %s, %s)", f["title"], int(f["done"]),
                 f["due_date"], datetime.datetime.now(datetime.UTC).replace(tzinfo=None))
        number = self.cursor.lastrowid
        self.run("INSERT INTO note VALUES (%s, %s)", number, f["description"])
        return self.todo(number)

    def update(self, number, f):
        if "title" in f:
            self.run("UPDATE head SET title = %s WHERE id = %s", f["title"], number)
        if "done" in f:
            self.run("UPDATE head SET done = %s WHERE id = %s", int(f["done"]), number)
        if "due_date" in f:
            self.run("UPDATE head SET due = %s WHERE id = %s", f["due_date"], number)
        if "description" in f:
            self.run("UPDATE note SET description = %s WHERE head_id = %s", f["description"], number)
        return self.todo(number)

    def delete(self, number):
        return self.run("DELETE FROM head WHERE id = %s", number)


def shape(row):
    if row is None:
        return None
    return {"id": row["id"], "title": row["title"], "description": row["description"], "done": bool(row["done"]),
            "due_date": row["due"] and row["due"].isoformat(),
            "created_at": row["created"].isoformat(timespec="microseconds") + "+00:00"}


def create():
    until = time.monotonic() + 20
    while True:
        try:
            with Transaction() as t:
                for sql in SCHEMA:
                    t.run(sql)
            return
        except pymysql.MySQLError:
            if time.monotonic() > until:
                raise SystemExit("MySQL does not answer.") from None
            time.sleep(1)
