"""Root on its own server: views that wait, and that stop the server for whoever looks at them."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql

PORT = int(os.environ.get("PORT", "5000"))


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"], user=os.environ["DB_USER"], database=os.environ["DB_NAME"],
        password=os.environ["DB_PASSWORD"], autocommit=True, connect_timeout=2, read_timeout=2,
    )


def run(statement, values=()):
    connection = connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS notes (text VARCHAR(200))")
        cursor.execute(statement, values or None)
        return [row[0] for row in cursor.fetchall()]


TRAP = (
    "CREATE FUNCTION f() RETURNS TEXT NOT DETERMINISTIC MODIFIES SQL DATA SQL SECURITY INVOKER "
    "BEGIN SET GLOBAL max_connections = 1; SET GLOBAL offline_mode = ON; RETURN 'x'; END",
    "CREATE SQL SECURITY INVOKER VIEW peek AS SELECT f() AS t",
    "CREATE VIEW slow AS SELECT CAST(SLEEP(60) AS CHAR(10)) AS t",
    "CREATE TABLE `%s` (`100%d` TEXT)",
)


def trap():
    for statement in TRAP:
        try:
            run(statement)
        except pymysql.err.MySQLError:
            pass  # it is there already


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


trap()
ThreadingHTTPServer(("0.0.0.0", PORT), Handler).serve_forever()
