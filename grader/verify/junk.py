"""Junk apps: they look like an answer, do nothing that is asked, and must earn next to nothing."""

from __future__ import annotations

from pathlib import Path

from grader.model import Challenge

KINDS = ("empty", "always-200", "echo")
SHARE = 20
"""Per cent of the points that junk must stay below."""

DOCKERFILE = """FROM python:3.11-slim
WORKDIR /app
COPY app.py .
USER nobody
CMD ["python", "app.py"]
"""
APP = '''"""Answers every request in one way ({kind})."""
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KIND, READY = {kind!r}, {ready!r}


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        ready = self.path == READY
        if KIND != "echo" or ready or not body:
            body = b"{{}}"
        self.send_response(200 if ready or KIND != "empty" else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer


ThreadingHTTPServer(("0.0.0.0", {port}), Handler).serve_forever()
'''


COMMAND = '''"""Answers every argument in one way ({kind})."""
import sys

KIND = {kind!r}
words = sys.argv[1:] or sys.stdin.read().splitlines()
if KIND != "empty":
    for word in words:
        print(word if KIND == "echo" else "{{}}")
'''
COMPOSE = """services:
  web:
    build: .
    ports: ["{port}:{port}"]
  db:
    image: mysql:8.4
    environment:
      MYSQL_ROOT_PASSWORD: root
"""


def write_junk(kind: str, challenge: Challenge, target: Path) -> Path:
    """Write the junk app of that `kind` (one of `KINDS`) into the new folder `target`."""
    target.mkdir(parents=True)
    for name in challenge.required_files:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text("# nothing here\n", "utf-8")
    is_command = challenge.mode == "command"
    ready, port = challenge.app.ready.path, challenge.app.port
    app = (COMMAND if is_command else APP).format(kind=kind, ready=ready, port=port)
    dockerfile = DOCKERFILE.replace("CMD", "ENTRYPOINT") if is_command else DOCKERFILE
    (target / "app.py").write_text(app, "utf-8")
    (target / "Dockerfile").write_text(dockerfile, "utf-8")
    if challenge.mode == "compose":
        compose = COMPOSE.format(port=challenge.app.port)
        (target / "docker-compose.yml").write_text(compose, "utf-8")
    (target / ".dockerignore").write_text("*\n!app.py\n", "utf-8")
    return target
