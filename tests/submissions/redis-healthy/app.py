"""Answers for notes and reports that it keeps in Redis."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis

import store


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, work, status=200):
        try:
            self.send(work(), status)
        except redis.RedisError as error:
            print(type(error).__name__, flush=True)
            self.send({"error": "Redis does not answer"}, 503)

    def do_GET(self):
        if self.path == "/notes":
            self.answer(store.notes)
        elif self.path.startswith("/report/"):
            self.answer(lambda: store.report(self.path.removeprefix("/report/")))
        else:
            self.send({})

    def do_POST(self):
        note = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(lambda: store.keep(note["text"], note["tag"]), 201)


store.check()
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
