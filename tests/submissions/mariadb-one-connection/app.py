"""Has one connection for all its life."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql

HELD = []


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"], port=int(os.environ["DB_PORT"]), user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"], database=os.environ["DB_NAME"],
        autocommit=True, charset="utf8mb4", connect_timeout=2, read_timeout=3,
    )


def held():
    if not HELD:
        HELD.append(connect())
    return HELD[0].cursor()


def notes():
    cursor = held()
    cursor.execute("SELECT id, text FROM notes ORDER BY id")
    return [{"id": number, "text": text} for number, text in cursor.fetchall()]


def keep(text):
    cursor = held()
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
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
