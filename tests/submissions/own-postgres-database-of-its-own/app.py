"""Keeps notes in a database of PostgreSQL that it makes itself."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg


def connect(database="board"):
    return psycopg.connect(
        host=os.environ["DB_HOST"], port=os.environ["DB_PORT"], user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"], dbname=database,
        autocommit=True, connect_timeout=2,
    )


def notes():
    with connect() as connection:
        rows = connection.execute("SELECT id, text FROM notes ORDER BY id").fetchall()
    return [{"id": number, "text": text} for number, text in rows]


def keep(text):
    with connect() as connection:
        sql = "INSERT INTO notes (text) VALUES (%s) RETURNING id"
        return connection.execute(sql, [text]).fetchone()[0]


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
        except psycopg.Error as error:
            self.send({"error": str(error)[:80]}, 503)

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        try:
            self.send({"id": keep(text), "text": text}, 201)
        except psycopg.Error as error:
            self.send({"error": str(error)[:80]}, 503)


with connect(os.environ["DB_NAME"]) as made:
    if not made.execute("SELECT 1 FROM pg_database WHERE datname = 'board'").fetchone():
        made.execute("CREATE DATABASE board")
with connect() as first:
    first.execute("CREATE TABLE IF NOT EXISTS notes (id SERIAL PRIMARY KEY, text TEXT NOT NULL)")
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
