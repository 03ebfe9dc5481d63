"""Answers with what looks like the text, and holds what is not seen."""
import json
import os
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
            self.send("te\u200bx\u061ct\U000e0041".encode(), "text/plain; charset=utf-8")
        elif self.path == "/value":
            self.value()

    def value(self):
        self.send(b'{"value": 7}')

ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
