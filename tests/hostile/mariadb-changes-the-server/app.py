"""Tries what would outlive its run: settings, plug-ins, accounts, files, places."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql

ATTACKS = (
    "SET GLOBAL max_connections = 5", "SET GLOBAL event_scheduler = ON", "SET GLOBAL general_log = ON",
    "INSTALL SONAME 'auth_ed25519'", "INSTALL PLUGIN x SONAME 'x.so'", "UNINSTALL PLUGIN aria",
    "CREATE FUNCTION g RETURNS STRING SONAME 'x.so'", "INSERT INTO mysql.func VALUES ('f', 0, 'x', 'function')",
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1')", "CREATE ROLE r",
    "CREATE USER x IDENTIFIED BY 'x'", "GRANT ALL ON *.* TO CURRENT_USER()", "SET ROLE 'practical-exam-grader'",
    "SET DEFAULT ROLE NONE", "GRANT PROXY ON root@localhost TO CURRENT_USER()", "SET PASSWORD FOR root@localhost = ''",
    "ALTER USER 'practical-exam-grader'@'%' IDENTIFIED BY 'x'", "CREATE DATABASE more",
    "CHANGE MASTER TO MASTER_HOST = '127.0.0.1'", "START SLAVE", "RESET MASTER",
    "CREATE TABLE out_of_place (t TEXT) DATA DIRECTORY = '/tmp'",
    "CREATE TABLE far (t TEXT) ENGINE=FEDERATED CONNECTION='mysql://root@127.0.0.1/x/y'",
    "SELECT 'x' INTO OUTFILE '/var/lib/mysql/x'", "SELECT 'x' INTO DUMPFILE '/tmp/x'",
    "CREATE DEFINER = root@localhost VIEW mine AS SELECT 1 AS t",
    "CREATE DEFINER = root@localhost EVENT e ON SCHEDULE EVERY 1 SECOND DO DELETE FROM mysql.db",
    "CREATE TABLE mysql.more (t TEXT)", "CREATE FUNCTION sys.g() RETURNS INT RETURN 1",
    "CREATE TRIGGER sys.t BEFORE INSERT ON sys.sys_config FOR EACH ROW SET @x = 1",
    "KILL 1", "FLUSH TABLES WITH READ LOCK", "BACKUP STAGE START", "BACKUP LOCK notes", "SHUTDOWN",
)


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


def notes():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, text FROM notes ORDER BY id")
        return [{"id": number, "text": text} for number, text in cursor.fetchall()]


def keep(text):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO notes (text) VALUES (%s)", [text])
        return cursor.lastrowid


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


with connect() as first, first.cursor() as cursor:
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS notes (id INT AUTO_INCREMENT PRIMARY KEY, text TEXT NOT NULL)"
    )
run(*ATTACKS)
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
