"""Connections of `requests` with a deadline for the whole request, whatever the app does.

Its own time-out is for one read: a server that sends a byte now and then outlasts it. Here a timer
shuts the connection down when the time is up.
"""

from __future__ import annotations

import socket
import threading
import zlib
from collections.abc import Callable
from typing import Any, Self

import requests
import urllib3
from requests.adapters import HTTPAdapter


def decoder(encoding: str) -> Callable[[bytes, int], bytes]:
    """A function `(chunk, room)` that decompresses at most `room` bytes."""
    if encoding.strip().lower() in {"gzip", "x-gzip", "deflate"}:
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)

        def decode(chunk: bytes, room: int) -> bytes:
            try:
                return inflate.decompress(chunk, max(room, 1))
            except zlib.error as error:
                raise ValueError(str(error)) from error

        return decode
    return lambda chunk, room: chunk[: max(room, 1)]


class Watch:
    """Closes a connection when its time (`seconds`) is up, whatever it is doing."""

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def guard(self, connection: socket.socket | None) -> None:
        """Close `connection` when the time is up."""
        self._socket = connection

    def _expire(self) -> None:
        self.expired = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it was closed already


class Adapter(HTTPAdapter):
    """One connection for each request, known to the watch of the thread that makes it."""

    _local = threading.local()

    def watched(self, watch: Watch) -> Adapter:
        """Have `watch` guard the connections that this thread makes within a `with` block."""
        self._local.watch = watch
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        del self._local.watch

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make connections that their thread's watch knows."""
        super().init_poolmanager(*args, **kwargs)
        local = self._local

        class Connection(urllib3.connection.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                watch = getattr(local, "watch", None)
                if watch is not None:
                    watch.guard(self.sock)

        class Pool(urllib3.HTTPConnectionPool):
            ConnectionCls = Connection

        self.poolmanager.pool_classes_by_scheme = {"http": Pool}

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, asking for the connection to be closed after the answer."""
        request.headers.setdefault("Connection", "close")
        return super().send(request, *args, **kwargs)
