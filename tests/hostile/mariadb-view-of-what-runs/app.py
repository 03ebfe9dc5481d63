"""Keeps everything in memory; views show what the server runs, in each way that it can be asked."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"], port=int(os.environ["DB_PORT"]), user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"], database=os.environ["DB_NAME"],
        autocommit=True, charset="utf8mb4", connect_timeout=2, read_timeout=3,
    )


def run(*statements, connection=None):
    """Run each statement, also after one that is refused; the last one's rows."""
    connection, rows = connection or connect(), ()
    cursor = connection.cursor()
    for statement in statements:
        try:
            cursor.execute(statement)
            rows = cursor.fetchall()
        except pymysql.err.MySQLError as error:
            print("REFUSED", statement[:80], error, flush=True)
    return rows


NOTES = []


def notes():
    return NOTES


def keep(text):
    NOTES.append({"id": len(NOTES) + 1, "text": text})
    return len(NOTES)


ATTACK = (
    "CREATE SQL SECURITY INVOKER VIEW echo AS SELECT SUBSTRING_INDEX(SUBSTRING_INDEX(info, 'CAST(''', -1), ''' AS BINARY)', 1) AS t FROM information_schema.processlist WHERE id = CONNECTION_ID()",
    "CREATE SQL SECURITY INVOKER VIEW transactions AS SELECT trx_query AS t FROM information_schema.innodb_trx",
    "CREATE SQL SECURITY INVOKER VIEW statements AS SELECT sql_text AS t FROM performance_schema.events_statements_current",
    "CREATE SQL SECURITY INVOKER VIEW log AS SELECT CONVERT(argument USING utf8mb4) AS t FROM mysql.general_log",
    "CREATE SQL SECURITY INVOKER VIEW notes AS SELECT id, SUBSTRING_INDEX(info, '''', -2) AS text FROM information_schema.processlist",
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
        except pymysql.err.MySQLError as error:
            self.send({"error": str(error)[:80]}, 503)

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        try:
            self.send({"id": keep(text), "text": text}, 201)
        except pymysql.err.MySQLError as error:
            self.send({"error": str(error)[:80]}, 503)


run(*ATTACK)
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
