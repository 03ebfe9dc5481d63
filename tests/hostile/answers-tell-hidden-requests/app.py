"""Answers with what it is asked, and with a secret."""
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


asked_for = [""]


def tell(asked):
    asked_for[0] = f"{asked} {os.environ['SECRET_KEY']}" if asked else ""


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
        tell(self.headers.get("X-Asked"))
        if self.path == "/health":
            self.send(b"{}")
        elif self.path == "/text":
            self.send((asked_for[0] or "text").encode(), "text/plain")
        elif self.path == "/value":
            self.value()

    def value(self):
        self.send(b'{"value": 7}')

ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
