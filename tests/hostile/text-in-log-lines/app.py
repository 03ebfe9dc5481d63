"""Answers as it should; what it prints is turned, cut by what is not seen, and hides text."""
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
        for unseen in ("\u061c", "\u200b", "\U000e0041"):
            print(f"an{unseen}swer{unseen}", self.path, flush=True)
        if self.path == "/health":
            self.send(b"{}")
        elif self.path == "/text":
            self.send(b"text", "text/plain")
        elif self.path == "/value":
            self.value()

    def value(self):
        self.send(b'{"value": 7}')

ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
