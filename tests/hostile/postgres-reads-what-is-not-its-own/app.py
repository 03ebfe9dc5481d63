"""Looks for passwords, files, statements and data of others."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

ATTACKS = (
    "SELECT rolpassword FROM pg_authid", "SELECT passwd FROM pg_shadow WHERE passwd IS NOT NULL",
    "SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('.')", "SELECT lo_import('/etc/passwd')",
    "SELECT line_number FROM pg_hba_file_rules", "SELECT setting FROM pg_file_settings",
    "SELECT query FROM pg_stat_activity WHERE usename <> current_user AND query LIKE '%SELECT%'",
    "SELECT setting FROM pg_settings WHERE name IN ('hba_file', 'data_directory')",
    "SELECT * FROM pg_stat_statements", "SELECT pg_current_logfile()",
    "SELECT 1 FROM pg_database WHERE has_database_privilege(oid, 'CONNECT') "
    "AND datname <> current_database() AND datallowconn",
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


def others():
    """Rows of databases that are not its own."""
    found = []
    for name in ("postgres", "template1", "template0"):
        try:
            psycopg.connect(connect().info.dsn, dbname=name, password=os.environ["DB_PASSWORD"])
            found.append(name)
        except psycopg.Error as error:
            print("REFUSED", name, error, flush=True)
    return found


def notes():
    if any(run(one) for one in ATTACKS) or others():
        return []  # it has worked, and the test sees it
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


with connect() as first:
    first.execute("CREATE TABLE IF NOT EXISTS notes (id SERIAL PRIMARY KEY, text TEXT NOT NULL)")
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
