"""Tries to leave a server behind that is another for those who come later."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

ME, DATABASE = os.environ["DB_USER"], os.environ["DB_NAME"]
ATTACKS = (
    "ALTER SYSTEM SET log_connections = off", "SELECT pg_reload_conf()",
    "CREATE ROLE stranger LOGIN SUPERUSER PASSWORD 'x'", "ALTER ROLE postgres PASSWORD 'x'",
    f"GRANT pg_read_all_data TO {ME}", f"GRANT postgres TO {ME}", "SET ROLE postgres",
    f"ALTER ROLE {ME} SUPERUSER",
    f"ALTER ROLE {ME} CONNECTION LIMIT -1", f"ALTER DATABASE {DATABASE} CONNECTION LIMIT 0",
    f"ALTER DATABASE {DATABASE} SET default_transaction_read_only = on",
    f"ALTER DATABASE {DATABASE} OWNER TO {ME}", "DROP DATABASE postgres",
    "CREATE DATABASE more", "CREATE TABLESPACE t LOCATION '/tmp'", "CREATE EXTENSION dblink",
    "CREATE EXTENSION postgres_fdw", "CREATE EXTENSION pgcrypto", "LOAD 'auto_explain'",
    "CREATE LANGUAGE c", "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()",
    "COPY (SELECT 1) TO PROGRAM 'touch /tmp/x'", "COPY (SELECT 1) TO '/tmp/x'",
    "SELECT lo_export(lo_create(0), '/tmp/x')", "SELECT pg_create_physical_replication_slot('s')",
    "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", "PREPARE TRANSACTION 'x'",
    "CREATE PUBLICATION p FOR ALL TABLES", "UPDATE pg_database SET datallowconn = false",
    "DELETE FROM pg_authid", "SELECT pg_stat_statements_reset()", "SELECT pg_rotate_logfile()",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
    "COMMENT ON ROLE postgres IS 'x'", "SELECT pg_advisory_lock(1)",
    "CREATE SERVER s FOREIGN DATA WRAPPER f", "GRANT SET ON PARAMETER log_connections TO PUBLIC",
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
run(*ATTACKS)
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
