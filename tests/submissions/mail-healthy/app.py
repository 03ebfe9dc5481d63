"""Takes orders, and has a thread send their mails."""
import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import outbox

states = {}
waiting = queue.Queue()


def work():
    while True:
        number, to, item = waiting.get()
        states[number] = "sent" if outbox.deliver(to, item) else "failed"


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
        if self.path.startswith("/orders/"):
            self.send({"state": states[int(self.path.removeprefix("/orders/"))]})
        else:
            self.send({})

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = len(states) + 1
        states[number] = "waiting"
        outbox.take(waiting, number, order["to"], order["item"])
        self.send({"id": number}, 202)


with outbox.connect() as client:
    client.noop()
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
