"""Keeps notes in MySQL."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql

from database import run


class Handler(BaseHTTPRequestHandler):
    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, ask, status=200):
        try:
            value = ask()
        except pymysql.err.MySQLError as error:
            self.send({"error": str(error)[:80]}, 503)
        else:
            self.send(value, status)

    def do_GET(self):
        if self.path == "/notes":
            self.answer(lambda: [text for (text,) in run("SELECT text FROM notes")])
        else:
            self.send({})

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        self.answer(lambda: run("INSERT INTO notes (text) VALUES (%s)", [text]), 201)


run("CREATE TABLE IF NOT EXISTS notes (id INT AUTO_INCREMENT PRIMARY KEY, text LONGTEXT)")
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
