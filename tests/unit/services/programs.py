"""Programs of services in a thread of the tests' own, on loopback."""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from grader.deadline.orders import give_order
from grader.exam.faults import Mismatch
from grader.services.double.tenants import Program

HERE = "127.0.0.1"
PASSWORD = "of-the-grader"


def free_port() -> int:
    """Return a port that nobody listens on, nor on those after it that guests get."""
    while True:
        port = random.randrange(20_000, 30_000)
        with suppress(OSError), socket.socket() as one, socket.socket() as other:
            one.bind((HERE, port))
            other.bind((HERE, port + 1))
            return port


@dataclass
class RunningProgram:
    """A program, and what a suite's fixture says to the grader."""

    program: Program[Any]
    port: int
    calls: list[str] = field(default_factory=list)
    dead: bool = False

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(lambda loop, context: None)  # what is cut at the end
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        self.do(self.program.listen())

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self.program.stop()
        pending = asyncio.all_tasks(self.loop)
        for task in pending:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def do(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(timeout=5)

    def stop(self) -> None:
        """Do what SIGUSR1 does, and return once it is done."""

        async def stop() -> None:
            self.program.stop()

        self.do(stop())

    def call(self, name: str, *args: object) -> None:
        self.calls.append(name)
        if name.endswith(".require_running") and self.dead:
            msg = "It does not run."
            raise Mismatch(msg)

    @property
    def told(self) -> dict[str, Any]:
        """What a fixture is given."""
        return {"host": HERE, "port": self.port, "password": PASSWORD, "title": "It"}

    def order(self, do: str, **order: Any) -> dict[str, Any]:
        return give_order((HERE, self.port), PASSWORD, {"do": do, **order})

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=5)


def ask(
    port: int, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """Send a request; return the status and the body, decoded where it is JSON."""
    status, answer, text = exchange(port, method, path, body, headers)
    return status, json.loads(text) if "json" in answer.get("Content-Type", "") else text


def exchange(
    port: int, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Send a request; return status, headers and body."""
    connection = http.client.HTTPConnection(HERE, port, timeout=10)
    said = dict(headers or {})
    if isinstance(body, dict):
        body = json.dumps(body).encode()
        said.setdefault("Content-Type", "application/json")
    try:
        connection.request(method, path, body, said)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


class Hook(ThreadingHTTPServer):
    """An app that webhooks are sent to: it keeps them, and answers with what it is told next."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HERE, 0), _HookHandler)
        self.got: list[tuple[str, Mapping[str, str], bytes]] = []
        self.statuses: list[int] = []
        """What the next ones are answered; 200 once they are used up."""
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def at(self) -> str:
        return f"{HERE}:{self.server_address[1]}"

    def close(self) -> None:
        self.shutdown()
        self.thread.join(timeout=5)
        self.server_close()


class _HookHandler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers.items()), body))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""
