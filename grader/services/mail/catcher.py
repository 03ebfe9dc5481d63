"""What runs in the container of the mail server: SMTP by aiosmtpd, with what a suite asks for.

Nothing of the grader is there, so this imports nothing of it. Whoever knows the password in
`GRADER_PASSWORD` gives orders in the conversation itself: `XGRADER PASSWORD {"do": "messages"}` is
answered with one line of JSON. SIGUSR1 ends what clients have open and stops listening, as a kill
would; SIGUSR2 listens again. What was kept stays.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PORT = 1025
ANYWHERE = "0.0.0.0"  # noqa: S104 - its container has the network of one run alone
MOST_PORTS = 32
MESSAGE_BYTES = 1024 * 1024
"""Bytes of one mail; SIZE says so."""
KEPT_MESSAGES = 2000
KEPT_BYTES = 64 * 1024 * 1024
KEPT_ATTEMPTS = 10_000
KEPT_REFUSALS = 1000
NAME = 200
"""Characters of a refused user's name that are kept."""
ANSWER_BYTES = 2 * 1024 * 1024
"""Bytes of mails in one answer, base64 left out; more come with the next one."""
CLIENTS = 100
IDLE_SECONDS = 60.0
LONGEST_DELAY = 60.0


@dataclass
class Orders:
    """What becomes of the mails that come next."""

    refuse: int = 0
    """How many are refused; -1: all."""
    code: int = 451
    refused: str = ""
    """The address that mails are refused for; empty: for all."""
    drop: int = 0
    """For how many the connection is cut in place of an answer."""
    kept: bool = False
    """Whether those are kept all the same, so that only the answer is lost."""
    delay: float = 0.0
    """Seconds before each answer."""


@dataclass
class MailRecord:
    """What is told of one run."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    """Log-ins that were refused."""
    size: int = 0
    """Bytes of all mails."""
    full: bool = False
    """Whether there was more than is kept."""


@dataclass
class Catcher:
    """All that the server knows; there is one event loop, and so no lock."""

    password: str
    accounts: dict[int, tuple[str, str]] = field(default_factory=dict)
    """User and password that count on each port."""
    kept: MailRecord = field(default_factory=MailRecord)
    orders: Orders = field(default_factory=Orders)
    ports: list[int] = field(default_factory=lambda: [PORT])
    listeners: list[asyncio.Server] = field(default_factory=list)
    clients: dict[SmtpClient, None] = field(default_factory=dict)
    """In the order in which they came."""

    # -- listening -----------------------------------------------------------------------------

    async def listen(self) -> None:
        """Listen on all ports."""
        for port in self.ports:
            await self.listen_at(port)

    async def listen_at(self, port: int) -> None:
        """Listen on one more port."""
        loop = asyncio.get_running_loop()
        self.listeners.append(await loop.create_server(lambda: SmtpClient(self), ANYWHERE, port))

    def stop(self) -> None:
        """Stop listening, and cut every connection."""
        for listener in self.listeners:
            listener.close()
        self.listeners.clear()
        self.cut()

    def cut(self, but: SmtpClient | None = None) -> None:
        """Cut every connection but one."""
        for client in tuple(self.clients):
            if client is not but:
                client.cut()

    # -- mails ---------------------------------------------------------------------------------

    async def take(self, client: SmtpClient, session: Session, envelope: Envelope) -> str:
        """Do with a mail what was ordered, and return the answer."""
        orders = self.orders
        if orders.delay:
            await asyncio.sleep(orders.delay)
        if orders.refuse and self._concerned(envelope):
            orders.refuse -= orders.refuse > 0
            self._attempt(client, envelope, orders.code)
            return f"{orders.code} Not taken: the exam has this mail refused."
        if orders.drop:
            orders.drop -= orders.drop > 0
            self._attempt(client, envelope, 0)
            if orders.kept:
                self._keep(client, session, envelope)
            client.cut()
            return "421 Gone."
        if not self._keep(client, session, envelope):
            self._attempt(client, envelope, 452)
            return "452 The exam keeps no more mails."
        self._attempt(client, envelope, 250)
        return "250 OK"

    def _concerned(self, envelope: Envelope) -> bool:
        wanted = self.orders.refused.lower()
        return not wanted or wanted in (one.lower() for one in envelope.rcpt_tos)

    def _attempt(self, client: SmtpClient, envelope: Envelope, code: int) -> None:
        if len(self.kept.attempts) < KEPT_ATTEMPTS:
            self.kept.attempts.append(
                {
                    "port": client.port,
                    "at": time.time(),
                    "to": list(envelope.rcpt_tos),
                    "code": code,
                }
            )
        else:
            self.kept.full = True

    def _keep(self, client: SmtpClient, session: Session, envelope: Envelope) -> bool:
        raw = envelope.content or b""
        raw = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw
        if len(self.kept.messages) >= KEPT_MESSAGES or self.kept.size + len(raw) > KEPT_BYTES:
            self.kept.full = True
            return False
        self.kept.size += len(raw)
        self.kept.messages.append(
            {
                "port": client.port, "at": time.time(), "from": envelope.mail_from or "",
                "to": list(envelope.rcpt_tos), "raw": base64.b64encode(raw).decode(),
                "user": getattr(session, "catcher_user", ""),
            }
        )  # fmt: skip
        return True

    # -- orders --------------------------------------------------------------------------------

    async def obey(self, client: SmtpClient, asked: dict[str, Any]) -> dict[str, Any]:
        """Carry out what the suite, or the grader, asks for."""
        match asked["do"]:
            case "messages":
                return self._told(asked["after"])
            case "attempts":
                mine = [one for one in self.kept.attempts if one["port"] == PORT]
                return {"attempts": mine[asked["after"] :][:KEPT_ATTEMPTS], "full": self.kept.full}
            case "orders":
                self.orders = Orders(**asked["orders"])
                self.orders.delay = min(max(self.orders.delay, 0.0), LONGEST_DELAY)
            case "reset":
                self.cut(but=client)
                await self._forget(asked)
            case "guest":
                if len(self.ports) >= MOST_PORTS:
                    return {"error": "there are too many ports"}
                port = self.ports[-1] + 1
                self.accounts[port] = asked["user"], asked["password"]
                await self.listen_at(port)
                self.ports.append(port)
                return {"port": port}
            case "refusals":
                return {"refusals": self.kept.refusals}
        return {}

    async def _forget(self, asked: dict[str, Any]) -> None:
        for listener in self.listeners[1:]:
            listener.close()
        del self.listeners[1:]
        self.ports = [PORT]
        self.kept, self.orders = MailRecord(), Orders()
        self.accounts = {PORT: (asked["user"], asked["password"])}

    def _told(self, after: int) -> dict[str, Any]:
        mine = [one for one in self.kept.messages if one["port"] == PORT]
        some: list[dict[str, Any]] = []
        size = 0
        for one in mine[after:]:
            size += len(one["raw"])
            if some and size > ANSWER_BYTES:
                break
            some.append(one)
        return {"messages": some, "all": len(mine), "full": self.kept.full}


class SmtpClient(SMTP):
    """One conversation."""

    def __init__(self, catcher: Catcher) -> None:
        super().__init__(
            _Handler(catcher, self), data_size_limit=MESSAGE_BYTES, enable_SMTPUTF8=True,
            hostname="mail", ident="mail of the exam", timeout=IDLE_SECONDS,
            auth_require_tls=False, authenticator=self._authenticated,
        )  # fmt: skip
        self._catcher = catcher
        self.port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; where there are too many, the oldest ends: the grader's own are short."""
        super().connection_made(transport)
        self.port = transport.get_extra_info("sockname")[1]
        clients = self._catcher.clients
        clients[self] = None
        if len(clients) > CLIENTS:
            oldest = next(iter(clients))
            del clients[oldest]
            oldest.cut()

    def cut(self) -> None:
        """Cut the connection."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the conversation."""
        self._catcher.clients.pop(self, None)
        super().connection_lost(error)

    def _authenticated(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        del server, envelope, mechanism
        user, password = self._catcher.accounts.get(self.port, ("", ""))
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        good = (
            bool(user)
            and hmac.compare_digest(data.login, user.encode())
            and hmac.compare_digest(data.password, password.encode())
        )
        if good:
            session.catcher_user = user  # type: ignore[attr-defined]
        elif len(self._catcher.kept.refusals) < KEPT_REFUSALS:
            name, host = data.login.decode("utf-8", "replace")[:NAME], str((session.peer or "?")[0])
            self._catcher.kept.refusals.append(
                {"user": name, "host": host, "guessed": bool(data.password)}
            )
        return AuthResult(success=good, handled=False)

    async def smtp_XGRADER(self, arg: str | None) -> None:  # noqa: N802 - as aiosmtpd names them
        """Carry out an order of the grader's; to anybody else there is no such command."""
        password, _, order = (arg or "").partition(" ")
        said = password.encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(said, self._catcher.password.encode()):
            await self.push('500 Error: command "XGRADER" not recognized')
            return
        answer = await self._catcher.obey(self, json.loads(order))
        await self.push(f"250 {json.dumps(answer)}")


class _Handler:
    """What aiosmtpd asks for each mail."""

    def __init__(self, catcher: Catcher, client: SmtpClient) -> None:
        self._catcher = catcher
        self._client = client

    async def handle_DATA(  # noqa: N802 - as aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del server
        return await self._catcher.take(self._client, session, envelope)


async def serve(catcher: Catcher, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until the process is ended."""
    loop = asyncio.get_running_loop()
    await catcher.listen()
    loop.add_signal_handler(signal.SIGUSR1, catcher.stop)
    loop.add_signal_handler(signal.SIGUSR2, lambda: loop.create_task(catcher.listen()))
    ready()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
    catcher.stop()


if __name__ == "__main__":
    asyncio.run(serve(Catcher(password=os.environ["GRADER_PASSWORD"])))
