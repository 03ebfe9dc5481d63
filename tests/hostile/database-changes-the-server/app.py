"""Tries what would outlive its run: settings, plugins, accounts, files, places."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"], user=os.environ["DB_USER"], database=os.environ["DB_NAME"],
        password=os.environ["DB_PASSWORD"], autocommit=True, charset="utf8mb4",
    )


def run(*statements, args=None, connection=None):
    """Run each statement, also after one that is refused; the last one's rows."""
    connection, rows = connection or connect(), ()
    cursor = connection.cursor()
    for statement in statements:
        try:
            cursor.execute(statement, args)
            rows = cursor.fetchall()
        except pymysql.err.MySQLError as error:
            print("REFUSED", statement[:80], error, flush=True)
    return rows


ATTACK = (
    "SET PERSIST max_connections = 5",
    "SET PERSIST_ONLY max_connections = 5",
    "RESET PERSIST",
    "SET GLOBAL event_scheduler = OFF",
    "INSTALL PLUGIN x SONAME 'x.so'",
    "INSTALL COMPONENT 'file://component_validate_password'",
    "CREATE FUNCTION g RETURNS STRING SONAME 'x.so'",
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1')",
    "CREATE ROLE r",
    "CREATE USER x IDENTIFIED BY 'x'",
    "GRANT PROXY ON 'root'@'%' TO CURRENT_USER()",
    "CREATE TABLESPACE big ADD DATAFILE 'big.ibd'",
    "CREATE UNDO TABLESPACE more ADD DATAFILE 'more.ibu'",
    "CREATE RESOURCE GROUP rg TYPE = USER",
    "CREATE SPATIAL REFERENCE SYSTEM 990001 NAME 'x' DEFINITION ''",
    "ALTER INSTANCE DISABLE INNODB REDO_LOG",
    "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1'",
    "CREATE TABLE out_of_place (t TEXT) DATA DIRECTORY = '/tmp'",
    "SELECT 'x' INTO OUTFILE '/var/lib/mysql/x'",
    "CREATE DEFINER = 'root'@'%' VIEW mine AS SELECT 1 AS t",
    "CREATE DEFINER = 'root'@'%' EVENT e ON SCHEDULE EVERY 1 SECOND DO DELETE FROM mysql.user",
    "CREATE TABLE mysql.more (t TEXT)",
    "CREATE TRIGGER sys.t BEFORE INSERT ON sys.sys_config FOR EACH ROW SET @x = 1",
    "KILL 1",
    "FLUSH TABLES WITH READ LOCK",
    "LOCK INSTANCE FOR BACKUP",
)


def notes():
    return [text for (text,) in run("SELECT text FROM notes")]


def keep(text):
    run("INSERT INTO notes (text) VALUES (%s)", args=[text])


class Handler(BaseHTTPRequestHandler):
    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send(notes() if self.path == "/notes" else {})

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        keep(text)
        self.send({"text": text}, 201)


run("CREATE TABLE IF NOT EXISTS notes (id INT AUTO_INCREMENT PRIMARY KEY, text LONGTEXT)")
run(*ATTACK)
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
