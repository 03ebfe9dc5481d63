"""Takes good input and refuses the rest."""
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
            body = json.loads(raw)
        except ValueError:
            body = None
        numbers = body.get("numbers") if isinstance(body, dict) else None
        if isinstance(numbers, list) and all(map(is_number, numbers)):
            self.send(200, result=sum(numbers))
        else:
            self.send(400)


ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
