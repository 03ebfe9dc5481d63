"""Stand-ins for tests, shipped with the real things: an app that answers as it is told, and data.

`serve` takes the place of a student's container wherever only its HTTP side matters;
`a_challenge`, `a_result` and `graded` make values with all fields filled in.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from grader.exam.dispatch import OperationGroup, Operations
from grader.exam.operations import DatabaseOperations
from grader.model import (
    AppSpec,
    BaseImage,
    Challenge,
    CheckResult,
    Criterion,
    Graded,
    Limits,
    Outcome,
    Provenance,
    Readiness,
    Substitution,
    Timing,
)
from grader.scoring import complete, score

Answer = Callable[[bytes, socket.socket], None]
"""Takes a request's bytes (head and body) and writes whatever it likes to the socket."""


def operations_of(table: Mapping[str, Callable[..., Any]]) -> Operations:
    """Return what a suite may ask for, each done by the function of its name: `app.restart`."""
    groups: dict[str, dict[str, Any]] = {}
    for name, do in table.items():
        group, _, method = name.partition(".")
        groups.setdefault(group, {})[method] = do
    made = {group: cast("Any", SimpleNamespace(**one)) for group, one in groups.items()}
    databases = {"db": OperationGroup(DatabaseOperations, made.pop("db"))} if "db" in made else {}
    return Operations(**made, services=databases)


@contextmanager
def serve(answer: Answer) -> Iterator[tuple[str, int]]:
    """A server on loopback that hands each connection to `answer`; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, answer), daemon=True).start()
        host, port = listener.getsockname()[:2]
        yield host, port


def reply(status: int, body: str = "", **headers: str) -> Answer:
    """An `Answer` that sends the same response each time; `Content_Type=` names a header."""

    def answer(request: bytes, connection: socket.socket) -> None:
        del request
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.sendall(response(status, body.encode(), **named))

    return answer


def response(status: int, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of an HTTP/1.1 response with a right Content-Length."""
    head = {"Content-Length": str(len(body)), "Connection": "close"} | headers
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _accept(listener: socket.socket, answer: Answer) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # the test is over
        threading.Thread(target=_handle, args=(connection, answer), daemon=True).start()


def _handle(connection: socket.socket, answer: Answer) -> None:
    with connection:
        try:
            answer(_request(connection), connection)
        except OSError:
            return  # the client has gone, as it may


def _request(connection: socket.socket) -> bytes:
    """One request, up to the end of the body that its Content-Length announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    while lengths and len(body) < lengths[0]:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def a_challenge(**changes: Any) -> Challenge:
    """A small challenge: three criteria, ten points."""
    challenge = Challenge(
        slug="guestbook",
        title="Guestbook",
        version="1.2.3",
        summary="Entries in MySQL.",
        level="core",
        topics=("sql-basics",),
        duration=3600.0,
        pass_mark=60,
        mode="dockerfile",
        required_files=("Dockerfile",),
        base_images=("python",),
        app=AppSpec(
            port=5000,
            ready=Readiness(path="/health", status=200, within=10.0),
            env={"SECRET_KEY": "${secret.SECRET_KEY}"},
        ),
        services=(),
        limits=Limits(),
        criteria=(
            Criterion(id="repo.files", title="The files are there", points=2),
            Criterion(
                id="entry.create",
                title="POST /entries answers 201",
                points=5,
                needs=("app.starts",),
                hint="Return (body, 201).",
            ),
            Criterion(
                id="entry.stored",
                title="Entries are in MySQL",
                points=3,
                needs=("entry.create",),
            ),
        ),
        root=Path("challenges/guestbook"),
        contract=None,
        digest="sha256:" + "c" * 64,
    )
    return replace(challenge, **changes)


def a_result(criterion: str, outcome: Outcome = Outcome.PASSED, **more: Any) -> CheckResult:
    """A result of `criterion`."""
    return CheckResult(criterion=criterion, outcome=outcome, **more)


def a_provenance(**changes: Any) -> Provenance:
    """Where a result comes from, with every field filled in."""
    provenance = Provenance(
        run="0123456789ab",
        challenge="guestbook",
        challenge_version="1.2.3",
        challenge_digest="sha256:" + "c" * 64,
        origin="answer",
        commit="d" * 40,
        tree_digest="sha256:" + "e" * 64,
        seed=42,
        grader="0.1.0",
        lock="sha256:" + "a" * 64,
        engine="26.1.5",
        images={"app": "sha256:" + "f" * 64},
        bases=(BaseImage(reference="python:3.9-slim", packages="sha256:" + "b" * 64),),
        substitutions=(
            Substitution(wanted="python:3.9-slim", used="Python 3.11", reason="no registry"),
        ),
        notes=("fifo was left out: it is no regular file.",),
        timings=(Timing(phase="build", start=0.1, end=2.35),),
        started="2026-11-21T12:00:00+00:00",
    )
    return replace(provenance, **changes)


def graded(*results: CheckResult, challenge: Challenge | None = None) -> Graded:
    """The report that `results` come to; criteria without one were not reached."""
    exam = challenge or a_challenge()
    whole = complete(exam, results)
    return Graded(
        challenge=exam,
        provenance=a_provenance(),
        results=whole,
        score=score(exam, whole),
        log_tail="listening on 5000",
    )
