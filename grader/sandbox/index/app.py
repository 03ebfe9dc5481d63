"""What the index's process serves: proxpi, with upstream faults told to pip at once and kept.

proxpi answers a fault of the index above it with 500, which pip tries again, or sends pip on to a
host that a build cannot reach. Here both are a 504, which pip takes for an answer; and when the
last one was can be asked, so that a build which failed for it is not held against a student.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

State = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[State, StartResponse], Iterable[bytes]]

NAME = "practical-exam-grader package index"
STATE_PATH = "/grader/state"


class FaultKeeper:
    """A WSGI application around `inner`; `clock` gives seconds."""

    def __init__(self, inner: Application, clock: Callable[[], float] = time.monotonic) -> None:
        self._inner = inner
        self._clock = clock
        self._last: tuple[float, str] | None = None

    def __call__(self, environ: State, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"] == STATE_PATH:
            return self._answer(start_response, "200 OK", json.dumps(self._state()))
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            # proxpi lets whoever asks empty its cache, and a student's RUN step can ask
            return self._answer(start_response, "405 Method Not Allowed", "Only GET and HEAD.")
        kept: list[Any] = []
        body = self._inner(environ, lambda *answer: kept.append(answer))
        status, headers = kept[0][0], kept[0][1]
        if status.startswith("5") or _leads_away(environ, status, headers):
            self._last = (self._clock(), environ["PATH_INFO"])
            close = getattr(body, "close", None)
            if close is not None:
                close()
            said = f"The index above this one gave no good answer for {environ['PATH_INFO']}"
            return self._answer(start_response, "504 Gateway Timeout", said)
        start_response(*kept[0])
        return body

    def _state(self) -> State:
        """Its name, and how many seconds ago which path met a fault."""
        if self._last is None:
            return {"name": NAME, "fault_age": None, "fault_path": None}
        when, path = self._last
        return {"name": NAME, "fault_age": self._clock() - when, "fault_path": path}

    @staticmethod
    def _answer(start_response: StartResponse, status: str, text: str) -> list[bytes]:
        body = text.encode()
        start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]


def _leads_away(environ: State, status: str, headers: list[tuple[str, str]]) -> bool:
    """Whether the answer sends pip to another host, which a build may not reach."""
    location = next((value for name, value in headers if name.lower() == "location"), "")
    return status.startswith("3") and urlsplit(location).netloc not in {"", environ["HTTP_HOST"]}


def application() -> FaultKeeper:
    """The application that waitress serves (`--call`); reads proxpi's environment variables."""
    from proxpi.server import app  # type: ignore[import-untyped]

    return FaultKeeper(app)
