"""Takes the body for what it should be."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1000


class Handler(BaseHTTPRequestHandler):
    def send(self, status, **body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        path = self.path.partition("?")[0]
        number = path.removeprefix("/squares/")
        if path == "/health":
            self.send(200)
        elif path.startswith("/squares/") and number.isdecimal() and len(number) < 5 and is_number(int(number)):
            self.send(200, result=int(number) ** 2)
        else:
            self.send(404)

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self.send(200, result=sum(json.loads(raw)["numbers"]))
        except (ValueError, TypeError, KeyError):
            self.send(500)


ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
