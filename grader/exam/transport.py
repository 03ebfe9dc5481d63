"""Connections of `requests` with a deadline for the whole request, whatever the app does.

Its own time-out is for one read: a server that sends a byte now and then outlasts it.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import RemoteDisconnected
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from grader.deadline import ANY_SIZE, DeadlineSocket
from grader.deadline.http import BoundedResponse
from grader.deadline.tls import OpeningSocket, TlsSocket
from grader.exam.tls_trust import TlsTrust, patiently

IDLE_SECONDS = 0.5
"""How long a connection may lie idle and be used again; servers keep them for a second or more."""
MOST_OWED = 2.0
"""Times its own limit that a request may take longer because the machine is overloaded."""


def decoder(encoding: str) -> Callable[[bytes, int], bytes]:
    """Return a function `(chunk, room)` that decompresses at most `room` bytes."""
    if encoding.strip().lower() in {"gzip", "x-gzip", "deflate"}:
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)

        def decode(chunk: bytes, room: int) -> bytes:
            try:
                return inflate.decompress(chunk, max(room, 1))
            except zlib.error as error:
                raise ValueError(str(error)) from error

        return decode
    return lambda chunk, room: chunk[: max(room, 1)]


class RequestClock:
    """The end of one request, `seconds` from now, for the connection that it goes over."""

    def __init__(self, seconds: float, owed: Callable[[], float] = lambda: 0.0) -> None:
        """`owed` gives the seconds that are added once the time is up, or 0."""
        self._seconds = seconds
        self._owed = owed
        self.begin()

    def begin(self) -> None:
        """Begin again: what went by until now was no time of the app's."""
        self._until = time.monotonic() + self._seconds
        self._most = self._until + MOST_OWED * self._seconds

    def extend(self) -> float:
        """Return the seconds that are added to it because the machine owes them; 0 for none."""
        now = time.monotonic()
        added = min(self._owed(), self._most - time.monotonic()) if now < self._most else 0.0
        self._until = max(self._until, time.monotonic() + added)
        return max(added, 0.0)

    @property
    def left(self) -> float:
        """Seconds that are left of it."""
        return self._until - time.monotonic()

    @property
    def expired(self) -> bool:
        """Whether the time is up."""
        return self.left <= 0


class Adapter(HTTPAdapter):
    """Connections that are known to the watch of the thread that sends a request."""

    _local = threading.local()

    def __init__(self, tls: TlsTrust | None = None, most: int = ANY_SIZE) -> None:
        """With `tls` all is sent over TLS; of one request at most `most` encrypted bytes come."""
        self._tls = tls
        self._most = most
        super().__init__()

    def watched(self, watch: RequestClock) -> Adapter:
        """Have `watch` end what this thread sends and receives within a `with` block."""
        self._local.watch = watch
        return self

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        """Send as `HTTPAdapter.send` does, and again over a new connection where browsers do.

        That is where an open connection was closed before a byte of the answer came: servers close
        one without a word that they have answered before they had read the request's body.
        """
        self._local.reused = None
        try:
            return super().send(request, *args, **options)
        except requests.ConnectionError as error:
            if not _closed_unused(error, self._local.reused, self._most):
                raise
        self._local.reused = None
        self._local.renewed = True
        try:
            return super().send(request, *args, **options)
        finally:
            self._local.renewed = False

    @classmethod
    @contextmanager
    def gated(cls, wait: Callable[[], None]) -> Iterator[Callable[[], bool]]:
        """Have the next connection that this thread opens call `wait` before its request is sent.

        Gives a function that tells whether one has. Until the end of the block each later request
        has a new connection: of many threads one may be so late that the server takes its open
        connection for idle, and would lose the request.
        """
        cls._local.wait = wait
        cls._local.crowded = True
        try:
            yield lambda: cls._local.wait is None
        finally:
            cls._local.wait = None
            cls._local.crowded = False

    @classmethod
    def may_reuse(cls) -> bool:
        """Wait as `gated` says; return whether the open connection may be used for a request."""
        if getattr(cls._local, "renewed", False):
            return False
        first = getattr(cls._local, "wait", None) is not None
        return cls.pass_gate() and (first or not getattr(cls._local, "crowded", False))

    @classmethod
    def pass_gate(cls) -> bool:
        """Wait as `gated` says, if this thread has not yet.

        Returns whether a connection that was open meanwhile may be used still. The clock of the
        request begins after it.
        """
        wait = getattr(cls._local, "wait", None)
        if wait is None:
            return True
        cls._local.wait = None
        began = time.monotonic()
        wait()
        if watch := getattr(cls._local, "watch", None):
            watch.begin()
        return time.monotonic() - began < IDLE_SECONDS

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        del self._local.watch

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make connections that end with their thread's watch."""
        super().init_poolmanager(*args, **kwargs)
        local, tls, most = self._local, self._tls, self._most

        class WatchedConnection(urllib3.connection.HTTPConnection):
            response_class = BoundedResponse
            asked = 0.0
            """When the last request went over it; from then on the server may count it as idle."""

            def connect(self) -> None:
                self._open()
                if not Adapter.pass_gate():
                    assert self.sock is not None
                    self.sock.close()  # the server may be about to, and would lose the request
                    self._open()

            def _open(self) -> None:
                if tls is None:
                    self.sock = self._dialled()
                else:
                    self.sock = patiently(
                        lambda: tls.secured(self._dialled(), most=most), local.watch.left
                    )

            def _dialled(self) -> OpeningSocket:
                super().connect()
                assert self.sock is not None
                opened = OpeningSocket.over(self.sock, local.watch.left)
                opened.extend = local.watch.extend
                return opened

            def request(self, *args: Any, **kwargs: Any) -> None:
                """Send over the connection, whose answer has the time of this request."""
                if isinstance(self.sock, DeadlineSocket | TlsSocket):  # of an earlier request
                    idle = time.monotonic() - self.asked > IDLE_SECONDS
                    may_reuse = Adapter.may_reuse() and not idle
                    if not may_reuse:
                        self.close()
                        self.connect()
                    self.sock.begin(local.watch.left, most)
                    self.sock.extend = local.watch.extend
                    local.reused = self.sock if may_reuse else None
                self.asked = time.monotonic()
                super().request(*args, **kwargs)

        class Pool(urllib3.HTTPConnectionPool):
            ConnectionCls = WatchedConnection

        self.poolmanager.pool_classes_by_scheme = {"http": Pool}


def _closed_unused(
    error: requests.ConnectionError, reused: DeadlineSocket | TlsSocket | None, most: int
) -> bool:
    """Return whether the connection `reused` was closed before a byte of the answer came.

    `most` is what it had room for, in bytes. None is a new connection, which is never that.
    """
    chain = [*error.args, *getattr(error.args[0] if error.args else None, "args", ())]
    if reused is None or not any(isinstance(one, ConnectionError) for one in chain):
        return False
    return reused.room == most or any(isinstance(one, RemoteDisconnected) for one in chain)
