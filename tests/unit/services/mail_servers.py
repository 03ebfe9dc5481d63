"""The mail server's program in a thread of the tests' own, on loopback."""

from __future__ import annotations

import asyncio
import secrets
import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest

from grader.deadline.mail import give_order
from grader.exam.faults import Mismatch
from grader.exam.services.mail import MailBox
from grader.services.double import admission
from grader.services.mail import catcher as program
from grader.services.mail.catcher import Catcher
from tests.unit.services.programs import free_port

TO = "ada@example.org"


@dataclass
class RunningCatcher:
    """The program in a thread, on a free port."""

    port: int
    password: str = field(default_factory=lambda: secrets.token_hex(8))
    calls: list[str] = field(default_factory=list)
    dead: bool = False

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.catcher = Catcher(password=self.password, ports=[self.port])
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        self.do(self.catcher.listen())

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self.catcher.stop()
        pending = asyncio.all_tasks(self.loop)
        for task in pending:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self.loop.run_until_complete(asyncio.sleep(0.05))
        self.loop.close()

    def do(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(timeout=5)

    def call(self, name: str, *args: object) -> None:
        self.calls.append(name)
        if name == "mail.require_running" and self.dead:
            msg = "The mail server does not run."
            raise Mismatch(msg)

    def order(self, do: str, **order: Any) -> dict[str, Any]:
        return give_order(("127.0.0.1", self.port), self.password, {"do": do, **order})

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=5)


@contextmanager
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningCatcher]:
    """The program on a free port of loopback, for the block."""
    port = free_port()
    monkeypatch.setattr(program, "PORT", port)
    monkeypatch.setattr(admission, "ANYWHERE", "127.0.0.1")
    made = RunningCatcher(port=port)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def mailbox(server: RunningCatcher) -> Iterator[MailBox]:
    """The suite's side of it, for the block."""
    told = {"host": "127.0.0.1", "port": server.port, "password": server.password, "title": "mail"}
    made = MailBox(server.call, told)
    try:
        yield made
    finally:
        made.close()


def written(subject: str = "Your order", to: str = TO, text: str = "Grüße\nAda") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.org", to, subject
    message.set_content(text)
    return message


def send(
    server: RunningCatcher,
    message: EmailMessage | None = None,
    login: tuple[str, str] | None = None,
) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
        if login:
            client.login(*login)
        client.send_message(message or written())
