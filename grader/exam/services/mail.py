"""The `mail` fixture: what the app has sent, and what the mail server does with what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from grader.deadline.mail import give_order
from grader.exam.confined import CannotRead, ConfinedProcess
from grader.exam.faults import Mismatch
from grader.exam.protocol import Caller
from grader.exam.services.program import ProgramFixture
from grader.text import clean, clip

READER = "grader.exam.services.mail_reader"
READ_SECONDS = 5.0
"""Processor time for all mails of a run."""
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


class MailBox(ProgramFixture):
    """The mail server of the submission: what it has taken, and how it treats what comes next."""

    fixture = "mail"
    _most_pages = 100

    def __init__(self, caller: Caller, told: dict[str, Any]) -> None:
        """`told`: `host`, `port` and `password`."""
        super().__init__(caller, told)
        self._seen: list[Mail] = []
        self._reader: ConfinedProcess | None = None
        self._unreadable = ""
        """Why one of the mails cannot be read."""

    def close(self) -> None:
        """End the process that reads mails; the next mail starts another one."""
        reader, self._reader = self._reader, None
        if reader:
            reader.close()

    def too_many(self) -> str:
        """Return the sentence for an app that sends more than the exam keeps."""
        return "Your app sends more mails than the exam keeps (2000, or 64 MiB, in a run)."

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
        return [
            MailAttempt(
                recipients=tuple(one["to"]), accepted=one["code"] == 250, code=one["code"],
                at=one["at"],
            )
            for one in self._all("attempts")
            if to is None or _is_among(to, one["to"])
        ]  # fmt: skip

    def held(self, to: str | None = None) -> int:
        """Return how many mails are being handed in now whose answer `delay` keeps back.

        Where the sender goes away meanwhile, such a mail is not taken.
        """
        return sum(to is None or _is_among(to, one) for one in self._order("held")["held"])

    def wait_held(self, to: str | None = None, *, within: float = 10.0) -> None:
        """Wait until a mail is being handed in whose answer `delay` keeps back.

        Fails the criterion where there is none after `within` seconds.
        """
        self._wait(lambda: self.held(to), within)
        if not self.held(to):
            address = f" to {to}" if to else ""
            msg = f"A mail{address} should have been handed in within {within:g} s; there is none."
            raise Mismatch(msg)

    # -- what comes next -------------------------------------------------------------------

    def refuse(self, times: int | None = None, *, code: int = 451, to: str | None = None) -> None:
        """Have the next `times` mails refused with `code`, or all until `accept`.

        4xx says that the sender may try again, 5xx that it is for good. Where `to` is given, only
        mails to this address; what was ordered for other addresses still holds.
        """
        self._have(to, refuse=-1 if times is None else times, code=code)

    def drop(self, times: int, *, kept: bool = False, to: str | None = None) -> None:
        """Have the connection cut in place of an answer, for the next `times` mails.

        Where `kept`, the server has taken them all the same: the sender cannot know. `to` is as
        for `refuse`.
        """
        self._have(to, drop=times, kept=kept)

    def delay(self, seconds: float, *, to: str | None = None) -> None:
        """Have each mail answered after `seconds`, at most 60, until `accept`.

        `to` is as for `refuse`.
        """
        self._have(to, delay=seconds)

    def accept(self) -> None:
        """Take all mails at once again, as at the beginning."""
        self._ask_for()

    # -- inside ----------------------------------------------------------------------------

    def _have(self, to: str | None, **orders: Any) -> None:
        self._order("orders", orders=orders, to=to or "")
        self._asked = True

    def _look(self) -> None:
        if self._unreadable:
            raise Mismatch(self._unreadable)
        for one in self._each("messages", len(self._seen)):
            self._seen.append(self._read(one))

    def _read(self, told: Mapping[str, Any]) -> Mail:
        """Return a mail as it came. Raises `Mismatch` for one that nobody can read."""
        self._reader = self._reader or ConfinedProcess(READER, seconds=READ_SECONDS)
        try:
            found = self._reader.ask(told["raw"])
        except CannotRead as error:
            why = clip(clean(str(error)), 200)
            self._unreadable = f"A mail of your app's is none that mail programs can read: {why}"
            raise Mismatch(self._unreadable) from error
        headers = dict(found["headers"])
        return Mail(
            sender=told["from"], recipients=tuple(told["to"]), subject=headers.get("subject", ""),
            text=found["text"], html=found["html"], headers=headers, user=told["user"],
            at=told["at"],
        )  # fmt: skip

    def _give(self, order: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        address = (self._told["host"], self._told["port"])
        return give_order(address, self._told["password"], order, seconds=seconds)

    def _fail(
        self, found: Sequence[Mail], to: str | None, said: str, subject: str | None
    ) -> NoReturn:
        to = f" to {to}" if to else ""
        about = f" with {subject!r} in the subject" if subject else ""
        come = [f"{clip(clean(one.subject), 80)!r}" for one in found[:SHOWN]]
        listed = f": {', '.join(come)}{', …' if len(found) > SHOWN else ''}" if come else ""
        msg = f"{said}{to}{about}; there {'is' if len(found) == 1 else 'are'} {len(found)}{listed}."
        raise Mismatch(msg)


def _fits(mail: Mail, to: str | None, subject: str | None) -> bool:
    return (to is None or _is_among(to, mail.recipients)) and (subject or "") in mail.subject


def _is_among(address: str, recipients: Sequence[str]) -> bool:
    """Whether a mail goes to `address`; capitals count for nothing, as servers have it."""
    return address.lower() in (one.lower() for one in recipients)


def _mails(count: int) -> str:
    return "No mail" if count == 0 else "One mail" if count == 1 else f"{count} mails"
