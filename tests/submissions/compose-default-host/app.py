"""Keeps notes in MySQL."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql

PORT = int(os.environ.get("PORT", "5000"))


def connect():
    return pymysql.connect(
        host=os.environ.get("DB_HOST", "localhost"), user=os.environ["DB_USER"],
        database=os.environ["DB_NAME"],
        password=os.environ["DB_PASSWORD"], autocommit=True, connect_timeout=2, read_timeout=2,
    )


def run(statement, values=()):
    connection = connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS notes (text VARCHAR(200))")
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


class Handler(BaseHTTPRequestHandler):
    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send(run("SELECT text FROM notes") if self.path == "/notes" else {})

    def do_POST(self):
        note = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        run("INSERT INTO notes VALUES (%s)", [note["text"]])
        self.send(note, 201)


connect().close()
ThreadingHTTPServer(("0.0.0.0", PORT), Handler).serve_forever()
