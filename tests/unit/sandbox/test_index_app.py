"""What the package index's process answers, and what it remembers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from grader.sandbox.index.app import STATE_PATH, FaultKeeper, StartResponse, State


class Upstream:
    """An application whose answer is set."""

    def __init__(self, status: str, headers: list[tuple[str, str]] | None = None) -> None:
        self.status = status
        self.headers = headers or []
        self.closed = False

    def __call__(self, environ: State, start_response: StartResponse) -> Iterable[bytes]:
        start_response(self.status, self.headers)
        return self

    def __iter__(self) -> Any:
        return iter([b"the body"])

    def close(self) -> None:
        self.closed = True


class Clock:
    """A clock that stands until it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def ask(app: FaultKeeper, path: str, method: str = "GET") -> tuple[str, bytes]:
    """Status and body that `app` answers `path` with."""
    heard: list[str] = []
    body = app(
        {"PATH_INFO": path, "HTTP_HOST": "grader-index:4041", "REQUEST_METHOD": method},
        lambda status, headers, exc_info=None: heard.append(status),
    )
    return heard[0], b"".join(body)


def state(app: FaultKeeper) -> dict[str, Any]:
    """What it says of itself."""
    answer: dict[str, Any] = json.loads(ask(app, STATE_PATH)[1])
    return answer


@pytest.mark.parametrize(
    ("status", "location"),
    [
        ("200 OK", ""),
        ("404 NOT FOUND", ""),
        ("308 PERMANENT REDIRECT", "http://grader-index:4041/index/flask/"),
        ("302 FOUND", "/index/flask/"),
    ],
)
def test_ordinary_answers_pass(status: str, location: str) -> None:
    """A package that nobody has, and a redirect to the index itself, are no faults."""
    app = FaultKeeper(Upstream(status, [("Location", location)] if location else []))
    assert ask(app, "/index/flask") == (status, b"the body")
    assert state(app)["fault_age"] is None


@pytest.mark.parametrize(
    ("status", "location"),
    [
        ("500 INTERNAL SERVER ERROR", ""),
        ("503 SERVICE UNAVAILABLE", ""),
        ("302 FOUND", "https://files.example/flask.whl"),
    ],
)
def test_faults_are_told_at_once(status: str, location: str) -> None:
    """Pip repeats a request that met 500 or 503, and cannot follow one to the outside."""
    inner = Upstream(status, [("Location", location)] if location else [])
    answer, body = ask(FaultKeeper(inner), "/index/flask/")
    assert answer == "504 Gateway Timeout"
    assert b"/index/flask/" in body
    assert inner.closed


def test_a_build_changes_nothing() -> None:
    """What is cached for all cannot be thrown away by one student's RUN step."""
    inner = Upstream("200 OK")
    assert ask(FaultKeeper(inner), "/cache/list", "DELETE")[0] == "405 Method Not Allowed"


def test_a_fault_is_remembered_with_its_age() -> None:
    """So a build that failed for it can be told from one that failed by itself."""
    clock = Clock()
    app = FaultKeeper(Upstream("500 INTERNAL SERVER ERROR"), clock)
    ask(app, "/index/flask/")
    clock.now = 130.0
    assert state(app)["fault_age"] == 30.0
    assert state(app)["fault_path"] == "/index/flask/"
