"""What the mail server keeps of one run, in bounds, and what it was told to do with what comes."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

KEPT_MESSAGES = 2000
KEPT_BYTES = 64 * 1024 * 1024
"""Bytes of all mails with their addresses."""
KEPT_ATTEMPTS = 10_000
KEPT_ATTEMPT_BYTES = 8 * 1024 * 1024
"""Bytes of the addresses of all attempts."""
ENTRY_BYTES = 200
"""What an entry counts for besides what it holds."""
KEPT_REFUSALS = 1000
NAME = 200
"""Characters of a refused user's name that are kept."""
ANSWER_BYTES = 2 * 1024 * 1024
"""Of what one answer to the grader tells; more comes with the next one."""


@dataclass
class Orders:
    """What becomes of the mails that come next."""

    refuse: int = 0
    """How many are refused; -1: all."""
    code: int = 451
    drop: int = 0
    """For how many the connection is cut in place of an answer."""
    kept: bool = False
    """Whether those are kept all the same, so that only the answer is lost."""
    delay: float = 0.0
    """Seconds before each answer."""


LONGEST_DELAY = 60.0


@dataclass(frozen=True, kw_only=True)
class TakenMail:
    """A mail as a client handed it in."""

    port: int
    sender: str
    recipients: Sequence[str]
    raw: bytes
    user: str

    @property
    def addresses(self) -> int:
        """Characters of its addresses."""
        return len(self.sender) + sum(map(len, self.recipients)) + ENTRY_BYTES


@dataclass
class Treatment:
    """How mails are treated: what was ordered for all, and for single addresses."""

    orders: Orders = field(default_factory=Orders)
    own: dict[str, Orders] = field(default_factory=dict)
    """By address in small letters; they take the place of `orders`."""
    held: list[TakenMail] = field(default_factory=list)
    """Those whose answer is being delayed."""

    def follow(self, to: str, orders: Orders) -> None:
        """Treat mails to one address as `orders` say; without one all, and those to none else."""
        orders.delay = min(max(orders.delay, 0.0), LONGEST_DELAY)
        if to:
            self.own[to.lower()] = orders
        else:
            self.orders, self.own = orders, {}

    def of(self, mail: TakenMail) -> Orders:
        """Return the orders for a mail: those of the first recipient that has some of its own."""
        own = (self.own.get(one.lower()) for one in mail.recipients)
        return next((one for one in own if one), self.orders)

    async def hold(self, mail: TakenMail, seconds: float) -> None:
        """Wait; where its client goes away meanwhile, the mail is not taken."""
        self.held.append(mail)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.held.remove(mail)


@dataclass
class MailRecord:
    """What is told of one run."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    """Log-ins that were refused."""
    size: int = 0
    """Bytes of all mails."""
    tried: int = 0
    """Bytes of all attempts."""
    full: bool = False
    """Whether there was more than is kept."""

    def keep(self, mail: TakenMail) -> bool:
        """Keep a mail; return whether there was room."""
        size = self.size + len(mail.raw) + mail.addresses
        if len(self.messages) >= KEPT_MESSAGES or size > KEPT_BYTES:
            self.full = True
            return False
        self.size = size
        self.messages.append(
            {
                "port": mail.port, "at": time.time(), "from": mail.sender,
                "to": list(mail.recipients), "raw": base64.b64encode(mail.raw).decode(),
                "user": mail.user,
            }
        )  # fmt: skip
        return True

    def attempt(self, mail: TakenMail, code: int) -> None:
        """Note what a mail was answered with."""
        size = self.tried + mail.addresses
        if len(self.attempts) >= KEPT_ATTEMPTS or size > KEPT_ATTEMPT_BYTES:
            self.full = True
            return
        self.tried = size
        to = list(mail.recipients)
        self.attempts.append({"port": mail.port, "at": time.time(), "to": to, "code": code})

    def refusal(self, user: bytes, host: str, *, guessed: bool) -> None:
        """Note a log-in that was refused."""
        if len(self.refusals) < KEPT_REFUSALS:
            name = user.decode("utf-8", "replace")[:NAME]
            self.refusals.append({"user": name, "host": host, "guessed": guessed})

    def page(self, entries: Sequence[dict[str, Any]], port: int, after: int) -> dict[str, Any]:
        """Return as many of the entries of `port`, after so many, as one answer holds."""
        mine = [one for one in entries if one["port"] == port]
        some: list[dict[str, Any]] = []
        size = 0
        for one in mine[after:]:
            size += len(json.dumps(one))
            if some and size > ANSWER_BYTES:
                break
            some.append(one)
        return {"items": some, "all": len(mine), "full": self.full}
