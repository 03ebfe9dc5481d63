"""Answers with a few bytes that unfold to many."""
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
            self.send(b"text", "text/plain")
        elif self.path == "/value":
            self.value()

    def value(self):
        self.send(BOMB, Content_Encoding="gzip")

import zlib

packer = zlib.compressobj(1, zlib.DEFLATED, 31)
BOMB = b"".join(packer.compress(b" " * 1_000_000) for _ in range(200)) + packer.flush()
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
