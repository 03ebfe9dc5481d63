"""Looks for the host on every address that it can think of."""
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
    import socket
    for host in ("127.0.0.1", "172.17.0.1", "host.docker.internal", "gateway.docker.internal", "grader-index"):
        try:
            socket.create_connection((host, 47391), timeout=0.3).close()
        except OSError:
            pass
    with open("/proc/net/route") as routes:
        for route in routes.read().split("\n")[1:]:
            fields = route.split()
            if fields:
                for word in (fields[1], fields[2]):
                    address = bytes.fromhex(word)[::-1]
                    for last in (1, 2, 3, 254):
                        try:
                            socket.create_connection((f"{address[0]}.{address[1]}.{address[2]}.{last}", 47391), timeout=0.1).close()
                        except OSError:
                            pass


threading.Thread(target=evil, daemon=True).start()
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
