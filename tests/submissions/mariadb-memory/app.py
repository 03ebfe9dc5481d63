"""Keeps notes in its own memory."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql

KEPT = []


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"], port=int(os.environ["DB_PORT"]), user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"], database=os.environ["DB_NAME"],
        autocommit=True, charset="utf8mb4", connect_timeout=2, read_timeout=3,
    )


def notes():
    return [{"id": at, "text": text} for at, text in enumerate(KEPT)]


def keep(text):
    KEPT.append(text)
    return len(KEPT)


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


ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
