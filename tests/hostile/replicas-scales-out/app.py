"""Says which container it is, and what all of them keep."""
import json
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NOTES = Path("/data/notes")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        found = {one[4][0] for one in socket.getaddrinfo("web", 8000, socket.AF_INET)}
        notes = NOTES.read_text().split("\n") if NOTES.exists() else []
        self.send({"host": socket.gethostname(), "addresses": sorted(found), "notes": notes})

    def do_POST(self):
        note = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with NOTES.open("a") as notes:
            notes.write(f"{note}\n")
        self.send({}, 201)

    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
