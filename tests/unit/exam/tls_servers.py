"""Servers on loopback that speak TLS well or badly, with certificates of authorities of ours."""

from __future__ import annotations

import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from grader.exam.client import Client
from grader.exam.faults import AppTimeout, Mismatch
from grader.exam.reached import TlsAddress
from grader.exam.tls_client import TlsClient
from grader.exam.tls_trust import PLAIN_SECONDS
from grader.sandbox.certificates import Authority, IssuedCertificate
from grader.testing import response

Handle = Callable[[socket.socket], None]
DAYS = 2
LIMIT = 1.0
"""Seconds that a request has to a server that does not answer in time."""
PLENTY = 20.0
"""Seconds that it has to any other, on a machine with much to do."""
OK = response(200, b"hello over TLS")


@cache
def authority() -> Authority:
    """Return the authority that the client trusts."""
    return Authority("of these tests", days=DAYS)


@cache
def issued(*names: str, days: int = DAYS, begins: int = -1) -> IssuedCertificate:
    """Return a certificate for `names` of the authority that the client trusts."""
    return authority().issue(names or ("localhost", "127.0.0.1"), days=days, begins=begins)


def context_of(
    shown: IssuedCertificate, *more: str, oldest: ssl.TLSVersion | None = None,
    newest: ssl.TLSVersion | None = None, ciphers: str = "",
) -> ssl.SSLContext:  # fmt: skip
    """Return the context of a server that shows a certificate, and `more` with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        path = Path(folder, "both.pem")
        path.write_text("".join([shown.key, shown.certificate, *more]), "ascii")
        context.load_cert_chain(path)
        if ciphers:
            context.set_ciphers(ciphers)
        if oldest:
            context.minimum_version = oldest
        if newest:
            context.maximum_version = newest
    return context


@contextmanager
def listening(handle: Handle) -> Iterator[tuple[str, int]]:
    """Give the address of a server that hands each connection to `handle`, in a thread."""

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            handle(connection)

    def accept(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        host, port = listener.getsockname()[:2]
        yield host, port


def speaking(context: ssl.SSLContext, talk: Callable[[ssl.SSLSocket], None]) -> Handle:
    """Return what makes the handshake of a server, and then does as `talk`."""

    def handle(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            talk(secured)

    return handle


def answering(context: ssl.SSLContext, answer: bytes = OK) -> Handle:
    """Return what answers one request over TLS."""

    def talk(secured: ssl.SSLSocket) -> None:
        read_head(secured)
        secured.sendall(answer)

    return speaking(context, talk)


def read_head(connection: socket.socket) -> bytes:
    """Return a request up to the end of its head."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError
        data += chunk
    return data


def record(kind: int, payload: bytes) -> bytes:
    """Return a record of TLS that is not encrypted."""
    return bytes([kind, 3, 3]) + len(payload).to_bytes(2, "big") + payload


def client_of(address: tuple[str, int], **options: Any) -> TlsClient:
    """Return a client that trusts the authority of these tests."""
    app = Client(address, shown="http://localhost:5000", deadline=PLENTY, body_cap=65536)
    at = TlsAddress(
        host=address[0], port=address[1], shown="https://localhost:8443", name="localhost"
    )
    return TlsClient(
        app, at, authority().certificate, **{"deadline": PLENTY, "body_cap": 65536, **options}
    )


def refused(handle: Handle, kind: type[Mismatch] = Mismatch) -> str:
    """Return what a request to such a server fails with, which is of `kind` and comes in time."""
    limit = LIMIT if kind is AppTimeout else PLENTY
    with listening(handle) as address:
        began = time.monotonic()
        with pytest.raises(kind) as caught:
            client_of(address, deadline=limit).get("/")
        assert time.monotonic() - began < limit + PLAIN_SECONDS + 1
    assert type(caught.value) is kind
    assert caught.value.exchange is not None
    assert "curl -i --insecure https://localhost:8443/" in str(caught.value.exchange)
    return str(caught.value)
