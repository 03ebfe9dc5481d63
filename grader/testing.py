"""Stand-ins for tests, shipped with the real things: an app that answers as it is told, and data.

`serve` takes the place of a student's container wherever only its HTTP side matters, `fake_engine`
that of Docker, `FakeServer` that of a service; `a_challenge`, `a_result` and `graded` make values
with all fields filled in.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from grader.app_spec import AppSpec, Limits, Readiness
from grader.criteria import APP_STARTS, REPO_FILES
from grader.exam.dispatch import Operations
from grader.model import (
    BaseImage,
    Challenge,
    CheckResult,
    Criterion,
    Graded,
    Outcome,
    Provenance,
    Substitution,
    Timing,
)
from grader.scoring import complete, score
from grader.services.base import Address, Refusal, Server, Tenant

if TYPE_CHECKING:
    from grader.sandbox.engine import Engine

Answer = Callable[[bytes, socket.socket], None]
"""Takes a request's bytes (head and body) and writes whatever it likes to the socket."""


OWN_GROUPS = {"submission", "app", "probe", "compose", "volume"}
"""What a suite may ask for beyond services."""


def operations_of(table: Mapping[str, Callable[..., Any]]) -> Operations:
    """Return what a suite may ask for, each done by the function of its name: `app.restart`."""
    groups: dict[str, dict[str, Any]] = {}
    for name, do in table.items():
        group, _, method = name.partition(".")
        groups.setdefault(group, {})[method] = do
    services = {group: groups.pop(group) for group in tuple(groups) if group not in OWN_GROUPS}
    made = {group: cast("Any", SimpleNamespace(**one)) for group, one in groups.items()}
    return Operations(**made, services=services)


@contextmanager
def serve(answer: Answer) -> Iterator[tuple[str, int]]:
    """Yield a server on loopback that hands each connection to `answer`; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, answer), daemon=True).start()
        host, port = listener.getsockname()[:2]
        yield host, port


def reply(status: int, body: str = "", **headers: str) -> Answer:
    """Return an `Answer` that sends the same response each time; `Content_Type=` names a header."""

    def answer(request: bytes, connection: socket.socket) -> None:
        del request
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.sendall(response(status, body.encode(), **named))

    return answer


def response(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Return the bytes of an HTTP/1.1 response with a right Content-Length."""
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


class FakeApi:
    """Docker's API: notes what is asked of it, and answers as it is told."""

    def __init__(self, **answers: Any) -> None:
        """`answers` holds a value, or a function of the arguments, for each method."""
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self._answers = answers

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return the method of that name."""

        def call(*args: Any, **kwargs: Any) -> Any:
            self.asked.append((name, args, kwargs))
            answer = self._answers.get(name)
            return answer(*args, **kwargs) if callable(answer) else answer

        return call

    @property
    def calls(self) -> list[str]:
        """The methods that were called, in order."""
        return [name for name, _, _ in self.asked]


def fake_engine(api: FakeApi | None = None) -> Engine:
    """Return an engine that asks `api`; it has two cores and no disk."""
    found = SimpleNamespace(
        client=SimpleNamespace(api=api or FakeApi()), version="26.1.5", facts={"NCPU": 2},
        data_root=Path("/nonexistent"), bridges_here=True,
    )  # fmt: skip
    return cast("Engine", found)


class FakeServer(Server):
    """A service's server that is always there, and notes what is asked of it."""

    title = "The server"
    id = "server"
    tenant = Tenant(user="student", values={"host": "server", "password": "of-the-server"})

    def __init__(self, *refused: Refusal, failing: Exception | None = None) -> None:
        """`refused` are the log-ins that its log tells of; `failing` is raised by all it does."""
        self._refused = refused
        self._failing = failing
        self.done: list[str] = []

    def _do(self, what: str) -> None:
        self.done.append(what)
        if self._failing:
            raise self._failing

    def await_ready(self, address: Address, cancel: threading.Event) -> None:
        """Return at once: it is ready."""
        self._do("await_ready")

    def stop(self) -> None:
        """Note that it was stopped."""
        self._do("stop")

    def start_again(self, address: Address, cancel: threading.Event) -> None:
        """Note that it was started."""
        self._do("start_again")

    def told(self, address: Address) -> dict[str, Any]:
        """Return its address."""
        return {"host": address[0], "port": address[1]}

    def refusals(self) -> tuple[Refusal, ...]:
        """Return what it was made with."""
        return self._refused

    def notes(self, address: Address) -> tuple[str, ...]:
        """Return one sentence."""
        self._do("notes")
        return ("It holds more than tables.",)


def a_challenge(**changes: Any) -> Challenge:
    """Return a small challenge: three criteria, ten points."""
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
            Criterion(id=REPO_FILES, title="The files are there", points=2),
            Criterion(
                id="entry.create",
                title="POST /entries answers 201",
                points=5,
                needs=(APP_STARTS,),
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
    """Return a result of `criterion`."""
    return CheckResult(criterion=criterion, outcome=outcome, **more)


def a_provenance(**changes: Any) -> Provenance:
    """Return where a result comes from, with every field filled in."""
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
    """Return the report that `results` come to; criteria without one were not reached."""
    exam = challenge or a_challenge()
    whole = complete(exam, results)
    return Graded(
        challenge=exam,
        provenance=a_provenance(),
        results=whole,
        score=score(exam, whole),
        log_tail="listening on 5000",
    )
