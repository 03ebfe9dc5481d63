"""What runs in the container of the mail server: SMTP by aiosmtpd, with what a suite asks for.

Nothing of the grader is there but the modules that stand before this one. Whoever knows the
password in `GRADER_PASSWORD` gives orders in the conversation itself: `XGRADER PASSWORD {"do":
"messages"}` is answered with one line of JSON. SIGUSR1 ends what clients have open and stops
listening, as a kill would; SIGUSR2 listens again. What was kept stays.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from grader.services.double.admission import Admission, PortListener
from grader.services.mail.meter import MeteredReader, Unfinished, WorkPace
from grader.services.mail.record import MailRecord, Orders, TakenMail, Treatment

PORT = 1025
MOST_PORTS = 32
MESSAGE_BYTES = 1024 * 1024
"""Bytes of one mail; SIZE says so."""
MOST_RECIPIENTS = 100
"""Addresses that one mail goes to: what every server takes (RFC 5321, section 4.5.3.1.8)."""
IDLE_SECONDS = 60.0
"""Seconds from one command to the next, and for a mail."""


@dataclass
class Catcher:
    """All that the server knows; there is one event loop, and so no lock."""

    password: str
    accounts: dict[int, tuple[str, str]] = field(default_factory=dict)
    """User and password that count on each port."""
    kept: MailRecord = field(default_factory=MailRecord)
    treatment: Treatment = field(default_factory=Treatment)
    ports: list[int] = field(default_factory=lambda: [PORT])
    listeners: list[PortListener] = field(default_factory=list)
    admission: Admission = field(default_factory=Admission)
    unfinished: Unfinished = field(default_factory=Unfinished)
    paces: dict[str, WorkPace] = field(default_factory=dict)
    """By hosts."""

    # -- listening -----------------------------------------------------------------------------

    async def listen(self) -> None:
        """Listen on all ports."""
        for port in self.ports:
            await self.listen_at(port)

    async def listen_at(self, port: int) -> None:
        """Listen on one more port."""
        self.listeners.append(
            PortListener(port, self.admission, lambda host: SmtpClient(self, host, port))
        )

    def stop(self) -> None:
        """Stop listening, and cut every connection."""
        for listener in self.listeners:
            listener.close()
        self.listeners.clear()
        self.admission.cut()

    # -- mails ---------------------------------------------------------------------------------

    async def take(self, client: SmtpClient, mail: TakenMail) -> str:
        """Do with a mail what was ordered, and return the answer."""
        orders = self.treatment.of(mail)
        if orders.delay:
            await self.treatment.hold(mail, orders.delay)
        if orders.refuse:
            orders.refuse -= orders.refuse > 0
            self.kept.attempt(mail, orders.code)
            return f"{orders.code} Not taken: the exam has this mail refused."
        if orders.drop:
            orders.drop -= orders.drop > 0
            self.kept.attempt(mail, 0)
            if orders.kept:
                self.kept.keep(mail)
            client.cut()
            return "421 Gone."
        if not self.kept.keep(mail):
            self.kept.attempt(mail, 452)
            return "452 The exam keeps no more mails."
        self.kept.attempt(mail, 250)
        return "250 OK"

    # -- orders --------------------------------------------------------------------------------

    async def obey(self, client: SmtpClient, asked: dict[str, Any]) -> dict[str, Any]:
        """Carry out what the suite, or the grader, asks for."""
        match asked["do"]:
            case "messages":
                return self.kept.page(self.kept.messages, PORT, asked["after"])
            case "attempts":
                return self.kept.page(self.kept.attempts, PORT, asked["after"])
            case "held":
                held = [one for one in self.treatment.held if one.port == PORT]
                return {"held": [list(one.recipients) for one in held]}
            case "orders":
                self.treatment.follow(asked.get("to", ""), Orders(**asked["orders"]))
            case "reset":
                self._forget(client, asked)
            case "guest":
                return await self._admit(asked)
            case "refusals":
                return {"refusals": self.kept.refusals}
        return {}

    async def _admit(self, asked: dict[str, Any]) -> dict[str, Any]:
        if len(self.ports) >= MOST_PORTS:
            return {"error": "there are too many ports"}
        port = self.ports[-1] + 1
        self.accounts[port] = asked["user"], asked["password"]
        await self.listen_at(port)
        self.ports.append(port)
        return {"port": port}

    def _forget(self, client: SmtpClient, asked: dict[str, Any]) -> None:
        self.admission.cut(but=client)
        self.admission.forget()
        self.paces.clear()  # the next run's app may have the address of this one's
        for listener in self.listeners[1:]:
            listener.close()
        del self.listeners[1:]
        self.ports = [PORT]
        self.kept, self.treatment = MailRecord(), Treatment()
        self.accounts = {PORT: (asked.get("user", ""), asked.get("password", ""))}


class SmtpClient(SMTP):
    """One conversation."""

    def __init__(self, catcher: Catcher, host: str, port: int) -> None:
        """`host` is where it comes from, `port` where it came in."""
        super().__init__(
            _Handler(catcher, self), data_size_limit=MESSAGE_BYTES, enable_SMTPUTF8=True,
            hostname="mail", ident="mail of the exam", timeout=IDLE_SECONDS,
            auth_require_tls=False, authenticator=self._authenticated,
        )  # fmt: skip
        self._catcher = catcher
        self._host = host
        self.port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; where its host has too many, the oldest ends."""
        super().connection_made(transport)
        self._catcher.admission.enter(self._host, self, self.cut)

    def cut(self) -> None:
        """Cut the connection."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the conversation."""
        self._catcher.admission.leave(self._host, self)
        super().connection_lost(error)

    def _cb_client_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        pace = self._catcher.paces.setdefault(self._host, WorkPace())
        self.meter = MeteredReader(reader, pace, self._catcher.unfinished, self._end)
        self._reader = self.meter  # type: ignore[assignment]  # all that aiosmtpd asks of one
        self._writer = writer

    def _end(self, said: str) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.write(f"421 {said}\r\n".encode())
        self.cut()

    def _timeout_cb(self) -> None:
        self.cut()  # one that takes no answers would outlast a mere close

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
        else:
            self._catcher.kept.refusal(data.login, self._host, guessed=bool(data.password))
        return AuthResult(success=good, handled=False)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - as aiosmtpd names them
        """Read a mail."""
        with self.meter.mail():
            await super().smtp_DATA(arg)

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

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Error: too many recipients"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - as aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del server
        raw = envelope.content or b""
        raw = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw
        self._client.meter.hold(len(raw))
        mail = TakenMail(
            port=self._client.port, sender=envelope.mail_from or "", recipients=envelope.rcpt_tos,
            raw=raw, user=getattr(session, "catcher_user", ""),
        )  # fmt: skip
        return await self._catcher.take(self._client, mail)

    async def handle_exception(self, error: Exception) -> str:
        """Return the answer to what aiosmtpd cannot read: nothing of it is printed."""
        return f"500 Error: ({type(error).__name__}) the command cannot be read"


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


def main() -> None:
    """Run the program."""
    logging.disable()  # what clients say would fill the container's log
    asyncio.run(serve(Catcher(password=os.environ["GRADER_PASSWORD"])))
