"""Forks as often as it can, 500 times at most."""
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    timeout = 2

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
    for _ in range(500):
        try:
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
        except OSError:
            break


threading.Thread(target=evil, daemon=True).start()
# with no process left to be had, it could start no thread for a request either
HTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
