"""The index's process: waitress, and on the same port a way to other indexes for tools with TLS.

A client that is told of a proxy for https asks it for a tunnel (CONNECT). Each tunnel ends here:
what is asked for in it is answered by `tunnelled`, which has packages and nothing else. So uv,
Poetry and Pipenv work as they are, with what they have locked, and nothing leads out.
"""

from __future__ import annotations

import argparse
import logging
import re
import socket
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.server import create_server  # type: ignore[import-untyped]

from grader.sandbox.authority import Certificates
from grader.sandbox.index.app import Application, application
from grader.sandbox.index.tunnelled import HOST, TunnelledIndex

log = logging.getLogger("grader.sandbox.index.serve")  # it is run as a program

ASKED = re.compile(
    rb"CONNECT ([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}):443 HTTP/1\.[01]\r\n"
)
LONGEST_HEAD = 8192
AT_ONCE, AT_ONCE_FOR_ONE = 96, 48
"""Tunnels that are open at the same time, for all builds and for one address."""
IDLE_SECONDS = 150.0
"""How long a tunnel may wait for a packet: a large file takes its time to be fetched."""
HELLO_SECONDS = 15.0
THREADS = 24


class Tunnels:
    """Opens tunnels, each in a thread of its own."""

    def __init__(self, app: Application, certificates: Certificates) -> None:
        self._app = app
        self._certificates = certificates
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    def open(self, connection: socket.socket, address: str, host: str) -> None:
        """Answer a client at `address` that asks for `host`; returns at once."""
        with self._lock:
            full = self._open.total() >= AT_ONCE or self._open[address] >= AT_ONCE_FOR_ONE
            self._open[address] += not full
        if full:
            with suppress(OSError), connection:
                connection.sendall(b"HTTP/1.1 503 Too many connections\r\n\r\n")
            return
        work = threading.Thread(target=self._serve, args=(connection, address, host), daemon=True)
        work.start()

    def _serve(self, connection: socket.socket, address: str, host: str) -> None:
        try:
            connection.settimeout(HELLO_SECONDS)
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            context = self._certificates.context(host)
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.settimeout(IDLE_SECONDS)
                _Handler(secure, (address, 0), _Server(self._app, host))  # type: ignore[arg-type]
        except OSError as error:
            log.debug("a tunnel to %s ended: %s", host, error)
        finally:
            connection.close()
            with self._lock:
                self._open[address] -= 1


class _Server:
    """What the handler of one request asks its server for."""

    def __init__(self, app: Application, host: str) -> None:
        self._app = app
        self.base_environ = {
            HOST: host, "SERVER_NAME": host, "SERVER_PORT": "443", "GATEWAY_INTERFACE": "CGI/1.1",
            "REMOTE_HOST": "", "CONTENT_LENGTH": "", "SCRIPT_NAME": "",
        }  # fmt: skip

    def get_app(self) -> Application:
        return self._app


class _Handler(WSGIRequestHandler):
    """Answers one request, and says nothing of it."""

    def address_string(self) -> str:
        return str(self.client_address[0])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
        log.debug(format, *args)


def channel_class(tunnels: Tunnels) -> type[HTTPChannel]:
    """Return a channel for waitress that hands over who asks for a tunnel."""

    class TunnelChannel(HTTPChannel):  # type: ignore[misc]
        head = b""

        def received(self, data: bytes) -> bool:
            """Take in what has come."""
            if self.request is None and not self.requests:
                if self.head or data.startswith(b"CONNECT "):
                    self.head += data
                    if b"\r\n\r\n" not in self.head and len(self.head) < LONGEST_HEAD:
                        return True
                    data, self.head = self.head, b""
                found = ASKED.match(data)
                if found:
                    connection = self.socket
                    self.del_channel()
                    tunnels.open(connection, str(self.addr[0]), found[1].decode("ascii").lower())
                    return True
            return bool(super().received(data))

    return TunnelChannel


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--authority", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    app = application()
    server = create_server(app, host=chosen.host, port=chosen.port, threads=THREADS)
    server.channel_class = channel_class(
        Tunnels(TunnelledIndex(app), Certificates(chosen.authority))
    )
    server.run()


if __name__ == "__main__":
    main()
