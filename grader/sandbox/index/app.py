"""What the index's process serves: proxpi, with upstream faults told to pip at once and kept.

Requests in absolute form, as a proxy gets them, go to the package archives (`archives`).

For a name that the index above does not know proxpi would load the list of all projects, which
takes most of a minute and hundreds of megabytes. Here it is asked for the one project and believed.

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

from grader.sandbox.index.archives import Archives

State = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[State, StartResponse], Iterable[bytes]]

NAME = "practical-exam-grader package index, with tunnels"
STATE_PATH = "/grader/state"


class FaultKeeper:
    """A WSGI application around `inner` and `archives`; `clock` gives seconds."""

    def __init__(
        self,
        inner: Application,
        clock: Callable[[], float] = time.monotonic,
        archives: Archives | None = None,
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._archives = archives
        self._last: tuple[float, str] | None = None

    def __call__(self, environ: State, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if self._archives and not environ.get("REQUEST_URI", "/").startswith("/"):
            return self._archives(environ, start_response)
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
        """Its name, how many seconds ago which path met a fault, and the archives' faults."""
        faults = self._archives.faults() if self._archives else []
        said: State = {"name": NAME, "fault_age": None, "fault_path": None, "archives": faults}
        if self._last is not None:
            when, path = self._last
            said |= {"fault_age": self._clock() - when, "fault_path": path}
        return said

    @staticmethod
    def _answer(start_response: StartResponse, status: str, text: str) -> list[bytes]:
        body = text.encode()
        start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]


def _leads_away(environ: State, status: str, headers: list[tuple[str, str]]) -> bool:
    """Return whether the answer sends pip to another host, which a build may not reach."""
    location = next((value for name, value in headers if name.lower() == "location"), "")
    return status.startswith("3") and urlsplit(location).netloc not in {"", environ["HTTP_HOST"]}


class EachByItself:
    """proxpi's `session` to an index above: asks for one project's page, never for the list."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def get(self, url: str, **options: Any) -> Any:
        """Return the page at `url`, or the 404 of a project that is not there.

        Anything else is raised.
        """
        # without the slash at its end it is redirected, or not found by an index of plain files
        response = self._session.get(f"{url.rstrip('/')}/", **options)
        if response.status_code != 404:
            response.raise_for_status()
        return response


def application() -> FaultKeeper:
    """Return the application that waitress serves (`--call`).

    Reads proxpi's environment variables.
    """
    from proxpi.server import app, cache  # type: ignore[import-untyped]

    for one in (cache.root_cache, *cache.extra_caches):
        one.session = EachByItself(one.session)
        one._list_packages = lambda: None  # noqa: SLF001 - it has no setting for this
    return FaultKeeper(app, archives=Archives.from_environment())
