"""What an app has given away in its answers so far, and how it is brought to give away more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from grader.exam.client import Client
from grader.exam.contract.document import Operation
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.exam.leaks import Leaks
from grader.exam.reply import Reply, Sent
from grader.exam.signing import Token, signed_in

CURIOUS = (
    "/", "/health", "/login",
    "/config", "/config.json", "/configuration", "/settings", "/debug", "/console", "/env", "/.env",
    "/environment", "/info", "/status", "/admin", "/api/config", "/api/debug", "/api/env",
    "/static/../.env", "/no-such-page",
)  # fmt: skip
"""Where apps show what they are made of."""
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ODD_BODIES = (b"{", b"[]", b'"text"', b"\xff\xfe", b'{"id": {}}')
BODIES_KEPT = 200
REQUESTS_KEPT = 12


class Disclosures:
    """Hears every answer of an app and looks for the run's secrets in it."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.leaks = Leaks(secrets)
        self._cookies: dict[str, None] = {}
        self._bodies: dict[str, None] = {}
        self._signing: dict[tuple[str, str], Sent] = {}
        self.hidden = False
        """Whether what is asked now belongs to a hidden criterion, so that nobody may be told."""

    def hear(self, reply: Reply) -> None:
        """Take in one answer."""
        asked = "a request of a hidden criterion" if self.hidden else reply.curl
        where = f"the answer to: {asked}"
        self.leaks.look(reply.body, where)
        head = "\n".join(f"{name}: {value}" for name, value in reply.headers.items())
        self.leaks.look(head.encode("utf-8", "replace"), f"the headers of {where}")
        self._cookies |= dict.fromkeys(reply.set_cookies)
        bodies = []
        if b"eyJ" in reply.body and len(self._bodies) < BODIES_KEPT:
            self._bodies[reply.text] = None
            bodies = [reply.text]
        sent = reply.sent
        if signed_in(reply.set_cookies, bodies):
            self._signing.pop((sent.method, sent.path), None)
            self._signing[sent.method, sent.path] = sent

    def repeat(self, client: Client) -> None:
        """Send what was answered with a session or token to another app, the latest of each."""
        for sent in list(self._signing.values())[-REQUESTS_KEPT:]:
            kind = {key: value for key, value in sent.headers.items() if key != "Cookie"}
            _try(client, sent.method, sent.path, body=sent.body, headers=kind, referer=sent.referer)

    @property
    def tokens(self) -> list[Token]:
        """Every session cookie and token that the answers held, in their order."""
        return signed_in(self._cookies, self._bodies)


def provoke(client: Client, operations: Iterable[Operation]) -> None:
    """Ask for what shows an app's insides: odd paths, odd bodies, missing input.

    Answers are for whoever hears them; that some do not come is no matter here.
    """
    for path in CURIOUS:
        _try(client, "GET", path)
    for operation in operations:
        path = operation.path
        for name in operation.parameters:
            path = path.replace(f"{{{name}}}", "%27%22%3C%00")
        if operation.method in {"GET", "DELETE"}:
            _try(client, operation.method, path + "?page=%27&q=%00&debug=1")
            continue
        for body in ODD_BODIES:
            _try(client, operation.method, path, body=body, headers=JSON)
        _try(client, operation.method, path, body=b"a=%ff", headers=FORM)


def _try(client: Client, method: str, path: str, **options: Any) -> None:
    try:
        client.request(method, path, **options)
    except (AppTimeout, AppUnreachable, Mismatch):
        pass  # another criterion's matter
