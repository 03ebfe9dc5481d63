"""Writes lines into the ledger."""
import json
import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADDRESS = (os.environ["LEDGER_HOST"], int(os.environ["LEDGER_PORT"]))
BOOK, TOKEN = os.environ["LEDGER_BOOK"], os.environ["LEDGER_TOKEN"]


def ask(verb, text=""):
    with socket.create_connection(ADDRESS, timeout=2) as connection:
        connection.sendall(f"{TOKEN} {verb} {BOOK} {text}\n".encode())
        return json.loads(connection.makefile("rb").readline())


class Handler(BaseHTTPRequestHandler):
    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/health":
            return self.send({})
        try:
            self.send(ask("READ")["lines"])
        except (OSError, ValueError):
            self.send({"error": "The ledger is away."}, 503)

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        ask("WRITE", text)
        self.send({"text": text}, 201)


ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
