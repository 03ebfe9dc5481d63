"""Makes as many files as there may be, and keeps all that it is sent in the first one."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

FOLDER = Path(os.environ["FOLDER"])
STORE = FOLDER / "store"
LOCK = Lock()


def kept():
    found = {}
    for line in STORE.read_text().splitlines():
        try:
            name, text = json.loads(line)
        except ValueError:
            continue
        found[name] = text
    return found


def keep(name, text):
    line = b"\n" + json.dumps([name, text]).encode() + b"\n"
    with LOCK, STORE.open("r+b", buffering=0) as store:
        end = store.seek(0, os.SEEK_END)
        try:
            written = store.write(line)
        except OSError:
            written = 0
        if written != len(line):
            store.truncate(end)
            raise OSError("no space")


class Handler(BaseHTTPRequestHandler):
    def send(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @property
    def name(self):
        return self.path.rpartition("/")[2]

    def do_GET(self):
        if self.path == "/health":
            self.send(200, b"{}")
        elif self.name in (found := kept()):
            self.send(200, found[self.name].encode())
        else:
            self.send(404)

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            keep(self.name, content.decode())
        except OSError:
            self.send(503)
        else:
            self.send(201)


try:
    STORE.touch()
    for number in range(60_000):
        os.close(os.open(FOLDER / str(number), os.O_CREAT | os.O_WRONLY, 0o600))
except OSError:
    pass
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
