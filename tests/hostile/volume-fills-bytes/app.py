"""Fills the volume as soon as it is started."""
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
    with open(FOLDER / "flood", "wb") as flood:
        for _ in range(700):
            flood.write(os.urandom(1 << 20))
            flood.flush()
except OSError:
    pass
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
