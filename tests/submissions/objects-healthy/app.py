"""Keeps files in an object store."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import files


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send(self, body, status=200, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        name = unquote(self.path.removeprefix("/files/"))
        if not self.path.startswith("/files/"):
            self.send(b"{}")
        elif name.endswith("/link"):
            self.send(json.dumps({"url": files.link(name.removesuffix("/link"))}).encode())
        else:
            status, body, kind = files.read(name)
            self.send(body, status, kind) if status == 200 else self.send(b"{}", 404 if status == 404 else 503)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = unquote(self.path.removeprefix("/files/"))
        status = files.store(name, body, self.headers["Content-Type"])
        self.send(b"{}", 201 if status == 200 else 503)


files.check()
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
