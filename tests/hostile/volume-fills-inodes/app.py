"""Makes as many empty files as there is room for."""
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER = Path(os.environ["FOLDER"])


class Handler(BaseHTTPRequestHandler):
    def send(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @property
    def file(self):
        return FOLDER / self.path.rpartition("/")[2]

    def do_GET(self):
        if self.path == "/health":
            self.send(200, b"{}")
        elif self.file.is_file():
            self.send(200, self.file.read_bytes())
        else:
            self.send(404)

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        part = self.file.with_suffix(".part")
        try:
            part.write_bytes(content)
            part.rename(self.file)
        except OSError:
            self.send(503)
        else:
            self.send(201)


try:
    for number in range(60_000):
        os.close(os.open(FOLDER / str(number), os.O_CREAT | os.O_WRONLY, 0o600))
except OSError:
    pass
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
