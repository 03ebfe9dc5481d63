"""Takes jobs, and has a worker do them."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pika.exceptions import AMQPError

import jobs


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
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            jobs.put(job)
        except AMQPError as error:
            print(type(error).__name__, flush=True)
            self.send({"error": "RabbitMQ does not answer"}, 503)
        else:
            self.send({}, 202)


jobs.opened().connection.close()
threading.Thread(target=jobs.serve, daemon=True).start()
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
