"""Takes jobs and puts them into the queue."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis

from worker import send


def queue():
    return redis.Redis.from_url(os.environ["QUEUE_URL"], socket_timeout=1, socket_connect_timeout=1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send({})

    def do_POST(self):
        job = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            queue().ping()
            send(json.loads(job))
        except redis.RedisError:
            self.send({"error": "the queue is away"}, 503)
        else:
            self.send({}, 202)


ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
