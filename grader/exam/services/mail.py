"""The `mail` fixture: what the app has sent, and what the mail server does with what comes next."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any, NoReturn

from grader.deadline.mail import give_order
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.protocol import Caller
from grader.exam.service_fixture import ServiceFixture
from grader.text import clean, clip
from grader.waiting import wait_until

POLL = 0.05
"""Seconds between two looks while mails are waited for."""
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of mails that are read in one look."""
CHARACTERS = 200_000
"""Characters of a mail's text that are kept."""
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What the standard library raises for mails that are none."""
SHOWN = 5
"""Mails that a message names."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail that the server has taken."""

    sender: str
    """The address of the envelope."""
    recipients: tuple[str, ...]
    """The addresses of the envelope."""
    subject: str
    """Decoded; empty where it has none."""
    text: str
    """Its plain text; empty where it has none. Line breaks are `\\n`."""
    html: str
    """Its HTML; empty where it has none."""
    headers: Mapping[str, str]
    """Its headers by their names in small letters; of one that comes twice the first."""
    user: str
    """The account that was logged in; empty where nobody was."""
    at: float
    """When it was taken, in seconds as `time.time` has them."""


@dataclass(frozen=True, kw_only=True)
class MailAttempt:
    """A mail that somebody tried to hand to the server."""

    recipients: tuple[str, ...]
    """The addresses of the envelope."""
    accepted: bool
    """Whether the server has taken it, and said so."""
    code: int
    """What it was answered with; 0 where the connection was cut instead."""
    at: float
    """In seconds as `time.time` has them."""


class MailBox(ServiceFixture):
    """The mail server of the submission: what it has taken, and how it treats what comes next."""

    fixture = "mail"

    def __init__(self, caller: Caller, told: dict[str, Any]) -> None:
        """`told`: `host`, `port` and `password`."""
        super().__init__(caller, told)
        self._seen: list[Mail] = []
        self._waited = 0.0

    @property
    def waited(self) -> float:
        """Seconds that mails were waited for, so far."""
        return self._waited

    def close(self) -> None:
        """Keep no connection: each order has one of its own."""

    # -- what came -------------------------------------------------------------------------

    def messages(self, to: str | None = None, subject: str | None = None) -> list[Mail]:
        """Return the mails that were taken in this run, in order.

        Those to the address `to` alone, and whose subject holds `subject`, where they are given.
        """
        self._look()
        return [one for one in self._seen if _fits(one, to, subject)]

    def wait_for(
        self, to: str | None = None, *, subject: str | None = None, count: int = 1,
        within: float = 10.0,
    ) -> list[Mail]:  # fmt: skip
        """Return the mails to `to` once there are `count` of them.

        Fails the criterion where there are fewer after `within` seconds.
        """
        found: list[Mail] = []

        def enough() -> bool:
            found[:] = self.messages(to, subject)
            return len(found) >= count

        self._wait(enough, within)
        if len(found) < count:
            self._fail(found, to, f"{_mails(count)} should have come within {within:g} s", subject)
        return found

    def exactly(
        self, count: int, to: str | None = None, *, subject: str | None = None,
        within: float = 10.0, quiet: float = 2.0,
    ) -> list[Mail]:  # fmt: skip
        """Return the `count` mails to `to`, once no more has come for `quiet` seconds.

        Fails the criterion where there are fewer after `within` seconds, or more.
        """
        if count:
            self.wait_for(to, subject=subject, count=count, within=within)
        self._wait(lambda: len(self.messages(to, subject)) > count, quiet)
        found = self.messages(to, subject)
        if len(found) != count:
            self._fail(found, to, f"{_mails(count)} and no more should come", subject)
        return found

    def attempts(self, to: str | None = None) -> list[MailAttempt]:
        """Return each attempt of the app's to send a mail, in order, the refused ones as well."""
        answer = self._order("attempts", after=0)
        self._require_room(answer)
        return [
            MailAttempt(
                recipients=tuple(one["to"]), accepted=one["code"] == 250, code=one["code"],
                at=one["at"],
            )
            for one in answer["attempts"]
            if to is None or _is_among(to, one["to"])
        ]  # fmt: skip

    # -- what comes next -------------------------------------------------------------------

    def refuse(self, times: int | None = None, *, code: int = 451, to: str | None = None) -> None:
        """Have the next `times` mails refused with `code`, or all until `accept`.

        4xx says that the sender may try again, 5xx that it is for good. Where `to` is given, only
        mails to this address.
        """
        count = -1 if times is None else times
        self._orders({"refuse": count, "code": code, "refused": to or ""})

    def drop(self, times: int, *, kept: bool = False) -> None:
        """Have the connection cut in place of an answer, for the next `times` mails.

        Where `kept`, the server has taken them all the same: the sender cannot know.
        """
        self._orders({"drop": times, "kept": kept})

    def delay(self, seconds: float) -> None:
        """Have each mail answered after `seconds`, at most 60, until `accept`."""
        self._orders({"delay": seconds})

    def accept(self) -> None:
        """Take all mails at once again, as at the beginning."""
        self._orders({})

    # -- inside ----------------------------------------------------------------------------

    def begin_test(self) -> None:
        """Take all mails at once again, whatever the test before has asked for."""
        super().begin_test()
        if self._ordered:
            self.accept()

    _ordered = False

    def _orders(self, orders: dict[str, Any]) -> None:
        self._ordered = bool(orders)
        self._order("orders", orders=orders)

    def _look(self) -> None:
        read = 0
        while True:
            answer = self._order("messages", after=len(self._seen))
            self._require_room(answer)
            for one in answer["messages"]:
                read += len(one["raw"])
                self._seen.append(_mail(one))
            if len(self._seen) >= answer["all"] or read > MOST_BYTES:
                return

    def _wait(self, condition: Any, within: float) -> None:
        began = time.monotonic()
        wait_until(condition, within=within, poll=POLL)
        self._waited += time.monotonic() - began

    def _fail(
        self, found: Sequence[Mail], to: str | None, said: str, subject: str | None
    ) -> NoReturn:
        to = f" to {to}" if to else ""
        about = f" with {subject!r} in the subject" if subject else ""
        come = [f"{clip(clean(one.subject), 80)!r}" for one in found[:SHOWN]]
        listed = f": {', '.join(come)}{', …' if len(found) > SHOWN else ''}" if come else ""
        msg = f"{said}{to}{about}; there {'is' if len(found) == 1 else 'are'} {len(found)}{listed}."
        raise Mismatch(msg)

    def _require_room(self, answer: dict[str, Any]) -> None:
        if answer["full"]:
            msg = "Your app sends more mails than the exam keeps (2000, or 64 MiB, in a run)."
            raise Mismatch(msg)

    def _order(self, do: str, **order: Any) -> dict[str, Any]:
        address = (self._told["host"], self._told["port"])
        try:
            return give_order(address, self._told["password"], {"do": do, **order})
        except OSError as error:
            try:
                self._call("mail.require_running")
            except Mismatch as mismatch:
                raise mismatch from error
            msg = f"the mail server did not answer: {error}"
            raise PlatformFault(msg) from error


def _mail(told: Mapping[str, Any]) -> Mail:
    """Return a mail as it came. Raises `Mismatch` for one that nobody can read."""
    raw = base64.b64decode(told["raw"])
    try:
        message = message_from_bytes(raw, policy=policy.default)
        headers: dict[str, str] = {}
        for name, value in message.items():
            headers.setdefault(name.lower(), str(value))
        text, html = _body(message, "plain"), _body(message, "html")
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
    ) as error:
        msg = f"A mail of your app's is none that mail programs can read: {clip(str(error), 200)}"
        raise Mismatch(msg) from error
    return Mail(
        sender=told["from"], recipients=tuple(told["to"]), subject=headers.get("subject", ""),
        text=text, html=html, headers=headers, user=told["user"], at=told["at"],
    )  # fmt: skip


def _body(message: EmailMessage, kind: str) -> str:
    part: Message | None = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        text = raw.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # a charset that nobody knows
        text = raw.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")[:CHARACTERS]


def _fits(mail: Mail, to: str | None, subject: str | None) -> bool:
    return (to is None or _is_among(to, mail.recipients)) and (subject or "") in mail.subject


def _is_among(address: str, recipients: Sequence[str]) -> bool:
    """Whether a mail goes to `address`; capitals count for nothing, as servers have it."""
    return address.lower() in (one.lower() for one in recipients)


def _mails(count: int) -> str:
    return "No mail" if count == 0 else "One mail" if count == 1 else f"{count} mails"
