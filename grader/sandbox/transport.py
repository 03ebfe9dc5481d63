"""The connection to a local engine, with a deadline for each call as a whole.

What the engine passes on (a log, an archive, the output of a program) is a container's: it may
come in drips, or never end.
"""

from __future__ import annotations

import threading
from typing import Any

from docker.transport.unixconn import (
    UnixHTTPAdapter,
    UnixHTTPConnection,
    UnixHTTPConnectionPool,
)

from grader.deadline import DeadlineSocket
from grader.deadline.http import BoundedResponse

STREAM_SECONDS = 900.0
"""Seconds for a call whose answer is read piece by piece: an image's layers."""
LONGEST_SECONDS = 3600.0
"""Seconds for a call that docker-py gives no time-out: images that are pulled or imported."""
_call = threading.local()
"""What the call that a thread makes may take, as `seconds`."""


class EngineAdapter(UnixHTTPAdapter):
    """docker-py's adapter for `unix://`, with an end for each call."""

    def get_connection(self, url: Any, proxies: Any = None) -> Any:  # noqa: ARG002 - requests' own
        """Return the pool for `url`, whose connections end with the call that uses them."""
        with self.pools.lock:
            pool = self.pools.get(url)
            if pool is None:
                pool = _Pool(url, self.socket_path, self.timeout, maxsize=self.max_pool_size)
                self.pools[url] = pool
        return pool

    def send(self, request: Any, stream: bool = False, timeout: Any = None, **more: Any) -> Any:  # type: ignore[override]  # noqa: FBT001, FBT002 - requests' own signature
        """Send; the answer has `timeout` seconds as a whole, more where it is a stream."""
        if timeout is None:
            seconds = LONGEST_SECONDS
        else:
            seconds = STREAM_SECONDS if stream else float(timeout)
        _call.seconds = seconds
        return super().send(request, stream=stream, timeout=timeout, **more)


class _Connection(UnixHTTPConnection):
    response_class = BoundedResponse

    def connect(self) -> None:
        super().connect()
        assert self.sock is not None
        self.sock = DeadlineSocket.over(self.sock, _call.seconds)

    def request(self, *args: Any, **kwargs: Any) -> None:
        if isinstance(self.sock, DeadlineSocket):
            self.sock.begin(_call.seconds)
        super().request(*args, **kwargs)


class _Pool(UnixHTTPConnectionPool):
    def _new_conn(self) -> Any:
        seconds: Any = self.timeout  # the stubs take it for whole seconds
        return _Connection(self.base_url, self.socket_path, seconds)


def install(api: Any) -> None:
    """Have the docker-py client `api`, which uses a local socket, end each call in time."""
    before = api._custom_adapter  # noqa: SLF001 - docker-py has no other way to it
    adapter = EngineAdapter(
        f"http+unix://{before.socket_path}", api.timeout, max_pool_size=before.max_pool_size
    )
    api._custom_adapter = adapter  # noqa: SLF001 - the same
    api.mount("http+docker://", adapter)
    before.close()
