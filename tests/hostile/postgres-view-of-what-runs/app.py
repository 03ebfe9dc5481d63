"""Keeps everything in memory; views show what the server runs, in each way that it can be asked."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg


def connect():
    return psycopg.connect(
        host=os.environ["DB_HOST"], port=os.environ["DB_PORT"], user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"], dbname=os.environ["DB_NAME"],
        autocommit=True, connect_timeout=2,
    )


def run(*statements, connection=None):
    """Run each statement, also after one that is refused; the last one's rows."""
    connection, rows = connection or connect(), []
    for statement in statements:
        try:
            cursor = connection.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            print("REFUSED", statement[:80], error, flush=True)
    return rows


NOTES = []


def notes():
    return NOTES


def keep(text):
    NOTES.append({"id": len(NOTES) + 1, "text": text})
    return len(NOTES)


ATTACK = (
    "CREATE VIEW statements AS SELECT pid, query AS text FROM pg_stat_activity",
    "CREATE VIEW prepared AS SELECT name, statement AS text FROM pg_prepared_statements",
    "CREATE VIEW cursors AS SELECT name, statement AS text FROM pg_cursors",
    "CREATE VIEW counted AS SELECT query AS text FROM pg_stat_statements",
    "CREATE VIEW notes AS SELECT pid AS id, split_part(query, '''', 2) || query AS text FROM pg_stat_activity",
)


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


run(*ATTACK)
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
