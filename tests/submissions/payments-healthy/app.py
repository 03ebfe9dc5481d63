"""A shop: takes orders, has them paid, and issues what was paid."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import provider
import shop
import webhook


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
            self.send(shop.shown(self.path.removeprefix("/orders/")))
        else:
            self.send({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/webhooks/payments":
            webhook.take(self, body)
            return
        number, amount = shop.placed(json.loads(body))
        status = provider.charge(number, amount)
        if status == 200:
            self.send({"id": number}, 201)
        else:
            self.send({"error": "not paid"}, 402 if status == 402 else 503)


provider.check()
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
