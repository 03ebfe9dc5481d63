"""What can end a test, and whose fault each is."""

from __future__ import annotations

from grader.exam.exchange import Exchange, Execution


class Mismatch(AssertionError):
    """The app did not do what the criterion asks: the student's loss, `str()` says why."""

    def __init__(
        self, message: str, exchange: Exchange | Execution | None = None, *, hinted: bool = True
    ) -> None:
        """`hinted` says whether the criterion's own hint fits what was found."""
        self.exchange = exchange
        self.hinted = hinted
        super().__init__(message)


class AppTimeout(Mismatch):
    """A request ran past its deadline."""


class CommandTimeout(Mismatch):
    """A command ran past its deadline."""


class AppUnreachable(Mismatch):
    """The app refused the connection, or ended it without an answer."""


class PlatformFault(Exception):
    """The engine or the grader failed under a test: the run is ungradable."""


class NotReached(Exception):
    """What a criterion rests on could not be looked at: it has not passed, `str()` says why."""
