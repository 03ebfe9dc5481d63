"""Keeps files with names that end lines, colour terminals, are options, or are no text."""
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
    os.makedirs(FOLDER / ("d" * 200) / "e", exist_ok=True)
    deep = FOLDER
    for _ in range(60):
        deep = deep / "deep"
        os.makedirs(deep, exist_ok=True)
    for name in (b"two\nlines", b"-rf", b"\x1b[31mred", b"\xff\xfe", b"file 1 2 3 4", b"ok 7", b" "):
        with open(os.path.join(os.fsencode(FOLDER), name), "wb") as file:
            file.write(b"x")
except OSError:
    pass  # the volume is read-only
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
