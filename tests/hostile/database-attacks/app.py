"""Tries what only an administrator of MySQL may do."""
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def send(self, body, kind="application/json", status=200, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/health":
            self.send(b"{}")
        elif self.path == "/text":
            self.send(b"text", "text/plain")
        elif self.path == "/value":
            self.value()

    def value(self):
        self.send(b'{"value": 7}')

def evil():
    import pymysql
    connection = pymysql.connect(host=os.environ["DB_HOST"], user=os.environ["DB_USER"], password=os.environ["DB_PASSWORD"], autocommit=True)
    cursor = connection.cursor()
    for statement in (
        "SET GLOBAL max_connections = 1", "SHUTDOWN", "DROP DATABASE mysql", "CREATE DATABASE other",
        "SELECT * FROM mysql.user", "CREATE USER evil IDENTIFIED BY 'x'", "FLUSH TABLES WITH READ LOCK",
        "SELECT LOAD_FILE('/etc/passwd')", "SELECT 1 INTO OUTFILE '/tmp/x'", "SET GLOBAL local_infile = 1",
        "LOAD DATA INFILE '/etc/passwd' INTO TABLE x", "KILL 1", "GRANT ALL ON *.* TO CURRENT_USER()",
        "SET GLOBAL general_log_file = '/var/lib/mysql/x.php'", "INSTALL PLUGIN x SONAME 'x.so'",
    ):
        try:
            cursor.execute(statement)
        except pymysql.err.MySQLError:
            pass


threading.Thread(target=evil, daemon=True).start()
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
