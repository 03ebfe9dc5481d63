"""Keeps notes to itself, next to a database that is none."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOTES = []


class Handler(BaseHTTPRequestHandler):
    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send(NOTES if self.path == "/notes" else {})

    def do_POST(self):
        note = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        NOTES.append(note)
        self.send(note, 201)


ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
