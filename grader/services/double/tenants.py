"""What each such program does: tenants on ports of their own, and the grader's orders.

Whoever knows the password in `GRADER_PASSWORD` gives orders: a POST to `/-grader` with it in
`Authorization`, answered with JSON. To anybody else there is no such path. SIGUSR1 ends what
clients have open and stops listening, as a kill would; SIGUSR2 listens again. What was kept
stays.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from grader.services.double.http import BODY_BYTES, HttpRequest, HttpServer, Response

ORDERS = "/-grader"
"""Where the grader gives orders."""
MOST_PORTS = 32
KEPT_REFUSALS = 1000
PAGE_BYTES = 2 * 1024 * 1024
"""Of what one answer to the grader tells; more comes with the next one."""


@dataclass(kw_only=True)
class ProgramTenant:
    """What one app has of the program; services add what they keep."""

    user: str = ""
    password: str = ""
    """What the app shows that it is allowed; empty: nobody is."""
    refusals: list[dict[str, Any]] = field(default_factory=list)

    def allows(self, password: str, host: str) -> bool:
        """Whether `password` is the app's; notes where it is not."""
        said = password.encode("utf-8", "surrogateescape")
        if self.password and hmac.compare_digest(said, self.password.encode()):
            return True
        if len(self.refusals) < KEPT_REFUSALS:
            self.refusals.append({"user": self.user, "host": host, "guessed": bool(password)})
        return False


T = TypeVar("T", bound=ProgramTenant)


class Program(ABC, Generic[T]):
    """All that one of them knows; there is one event loop, and so no lock."""

    def __init__(self, password: str, port: int, *, body_bytes: int = BODY_BYTES) -> None:
        """`port` is the examined app's; those of guests follow it."""
        self._password = password
        self._port = port
        self.server = HttpServer(self._handle, body_bytes=body_bytes)
        self.tenants: dict[int, T] = {port: self.tenant({}, port)}
        """By their ports."""

    @abstractmethod
    def tenant(self, told: Mapping[str, Any], port: int) -> T:
        """Return a new tenant, of which nothing is known but what is `told`."""

    @abstractmethod
    async def answer(self, tenant: T, request: HttpRequest) -> Response:
        """Answer an app's request."""

    @abstractmethod
    async def obey(self, tenant: T, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out what the suite asks for, for the examined app."""

    def forget(self, tenant: T) -> None:
        """End whatever goes on for a tenant that is no more."""

    async def listen(self) -> None:
        """Listen on all ports."""
        for port in self.tenants:
            await self.server.listen(port)

    def stop(self) -> None:
        """Stop listening, and cut every connection."""
        self.server.stop()

    async def _handle(self, request: HttpRequest) -> Response:
        if request.target == ORDERS and self._is_grader(request):
            done = await self._carry_out(json.loads(request.body), request.client)
            return answered(done, headers={"Connection": "close"})
        tenant = self.tenants.get(request.port)
        return Response(cut=True) if tenant is None else await self.answer(tenant, request)

    def _is_grader(self, request: HttpRequest) -> bool:
        said = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(said, f"Grader {self._password}".encode())

    async def _carry_out(self, asked: Mapping[str, Any], client: object) -> dict[str, Any]:
        match asked["do"]:
            case "ready":
                return {}
            case "reset":
                self._forget_all(client)
                self.tenants[self._port] = self.tenant(asked, self._port)
                return {}
            case "guest":
                return await self._admit(asked)
            case "refusals":
                return {"refusals": [one for t in self.tenants.values() for one in t.refusals]}
            case _:
                return await self.obey(self.tenants[self._port], asked)

    def _forget_all(self, client: object) -> None:
        self.server.cut(but=client)
        self.server.forget()
        for tenant in self.tenants.values():
            self.forget(tenant)
        for port in self.server.ports:
            if port != self._port:
                self.server.leave(port)
        self.tenants.clear()

    async def _admit(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        port = max(self.tenants) + 1
        if len(self.tenants) >= MOST_PORTS:
            return {"error": "there are too many ports"}
        await self.server.listen(port)
        self.tenants[port] = self.tenant(asked, port)
        return {"port": port}


def answered(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer of JSON."""
    kind = {"Content-Type": "application/json", **(headers or {})}
    return Response(status=status, headers=kind, body=json.dumps(value).encode())


def page(items: Sequence[Any], after: int) -> dict[str, Any]:
    """Return as many of `items`, after so many, as one answer holds, and how many there are."""
    some: list[Any] = []
    size = 0
    for one in items[after:]:
        size += len(json.dumps(one))
        if some and size > PAGE_BYTES:
            break
        some.append(one)
    return {"items": some, "all": len(items)}


async def serve(program: Program[Any], ready: Callable[[], None] = lambda: None) -> None:
    """Serve until the process is ended."""
    loop = asyncio.get_running_loop()
    await program.listen()
    loop.add_signal_handler(signal.SIGUSR1, program.stop)
    loop.add_signal_handler(signal.SIGUSR2, lambda: loop.create_task(program.listen()))
    ready()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
    program.stop()
