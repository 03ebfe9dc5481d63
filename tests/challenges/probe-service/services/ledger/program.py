"""The ledger: one request a line, `TOKEN VERB BOOK [TEXT]`, one answer a line. Files in /data."""

import json
import os
import socketserver
import sys
import threading
from pathlib import Path

DATA = Path("/data")
ADMIN = os.environ["ADMIN"]
LOCK = threading.Lock()
"""Two may open books at the same time."""


def tokens():
    file = DATA / "tokens"
    return json.loads(file.read_text()) if file.exists() else {}


class Handler(socketserver.StreamRequestHandler):
    timeout = 5

    def handle(self):
        for raw in self.rfile:
            token, verb, book, *rest = raw.decode().rstrip("\n").split(" ", 3)
            with LOCK:
                answer = self.answer(token, verb, book, rest)
            self.wfile.write((json.dumps(answer) + "\n").encode())

    def answer(self, token, verb, book, rest):
        known = tokens()
        if token != ADMIN and known.get(book) != token:
            sys.stderr.write(f"refused book={book} from={self.client_address[0]} given=yes\n")
            return {"error": "refused"}
        file = DATA / f"book-{book}"
        if token == ADMIN and verb == "OPEN":
            (DATA / "tokens").write_text(json.dumps({**known, book: rest[0]}))
        elif token == ADMIN and verb == "DROP":
            file.unlink(missing_ok=True)
            (DATA / "tokens").write_text(json.dumps({k: v for k, v in known.items() if k != book}))
        elif token == ADMIN and verb == "STATE":
            return {"files": sorted(one.name for one in DATA.iterdir()), "books": sorted(known)}
        elif verb == "WRITE":
            with file.open("a") as writer:
                writer.write(rest[0] + "\n")
        elif verb == "NOTE":  # a fault of the service: anybody may leave this behind
            (DATA / f"note-{rest[0]}").write_text("")
        elif verb == "READ":
            return {"lines": file.read_text().splitlines() if file.exists() else []}
        return {}


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


DATA.mkdir(exist_ok=True)
(DATA / "tokens").write_text(json.dumps(tokens()))
Server(("0.0.0.0", int(sys.argv[1])), Handler).serve_forever()
