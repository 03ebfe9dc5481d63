"""`contract.fuzz`: what schemathesis draws from the contract, good and bad, never ends in a 5xx.

schemathesis (https://schemathesis.readthedocs.io) is loaded only here. What it draws depends on the
contract and the seed alone, not on what the app answers: the requests are drawn first and sent
then, shortest first, so that one seed asks every app the same and the evidence is short.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from grader.exam.client import Client
from grader.exam.contract import Contract
from grader.exam.contract.document import JSON_TYPE, Operation
from grader.exam.faults import PlatformFault

EXAMPLES = 30
"""Requests that are drawn for each operation, of good input and of bad input."""
LONGEST = 4000
"""Characters of a target that are sent: a server may refuse longer ones by itself."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that was drawn."""

    operation: Operation = field(hash=False)
    target: str
    """Path and query, escaped."""
    body: bytes | None

    @property
    def size(self) -> int:
        """How long it is, for the order of sending."""
        return len(self.target) + len(self.body or b"")


def fuzz(contract: Contract, app: Client, *, seed: int, seconds: float) -> int:
    """Send `app` what is drawn from `contract` and `seed`; gives the number of requests.

    No new request is sent after `seconds`. Raises `Mismatch` for an answer of 500 or above, a stack
    trace, or a success that breaks the contract; `PlatformFault` where schemathesis is missing.
    """
    drawn = sorted(
        draw_requests(contract, seed),
        key=lambda one: (one.size, one.operation.name, one.target, one.body or b""),
    )
    end = time.monotonic() + seconds
    sent = 0
    for request in drawn:
        if time.monotonic() > end:
            break
        _send(contract, app, request)
        sent += 1
    return sent


def draw_requests(contract: Contract, seed: int) -> set[Request]:
    """Return the requests that `seed` gives for the operations of `contract`, each once."""
    try:
        import schemathesis
    except ImportError as error:
        msg = "contract.fuzz works with schemathesis; install it: pip install schemathesis."
        raise PlatformFault(msg) from error
    known = {(one.method, one.path): one for one in contract.operations}
    requests: set[Request] = set()
    results: Any = schemathesis.openapi.from_dict(contract.document).get_all_operations()
    for result in results:
        api = result.ok()
        operation = known.get((api.method.upper(), api.path))
        if operation is not None:
            for mode in schemathesis.GenerationMode:
                cases = _cases(api.as_strategy(generation_mode=mode), seed)
                requests |= set(filter(None, (_request(operation, case) for case in cases)))
    return requests


def _cases(strategy: Any, seed: int) -> list[Any]:
    """Return what hypothesis draws.

    Nothing where there is nothing to draw (no parameter to spoil).
    """
    import hypothesis
    from hypothesis.errors import Unsatisfiable

    cases: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(case: Any) -> None:
        cases.append(case)

    try:
        collect()
    except Unsatisfiable:
        return []
    return cases


def _request(operation: Operation, case: Any) -> Request | None:
    """Return a case as we send it.

    None for what no client could send, or what is no JSON operation's.
    """
    query = urlencode(list(_flat(case.query or {})), errors="replace")
    target = f"{case.formatted_path}{'?' if query else ''}{query}"
    body: bytes | None = None
    if operation.body is not None:
        if case.media_type not in {None, JSON_TYPE}:
            return None
        body = _body(case.body)
    if not target.startswith("/") or len(target) > LONGEST or not target.isascii():
        return None
    return Request(operation=operation, target=target, body=body)


def _flat(query: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values of a query; a list repeats its name."""
    for name, value in query.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, one if isinstance(one, str) else json.dumps(one)


def _body(value: Any) -> bytes:
    """Return a body's bytes: as they are, or the value as JSON; empty where none was drawn."""
    if isinstance(value, bytes):
        return value
    try:
        return json.dumps(value).encode()
    except (TypeError, ValueError):  # schemathesis' mark for no body at all
        return b""


def _send(contract: Contract, app: Client, request: Request) -> None:
    operation = request.operation
    reply = app.request(
        operation.method, request.target, body=request.body,
        headers={"Content-Type": JSON_TYPE} if request.body is not None else None,
    )  # fmt: skip
    declared = ", ".join(str(status) for status in sorted(operation.responses))
    if reply.status >= 500:
        reply.fail(
            f"{operation.name} answered {reply.status} to this input. The contract declares "
            f"{declared}; whatever is sent, the answer is one of these below 500."
        )
    contract.check_answer(operation, reply)
