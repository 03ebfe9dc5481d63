"""Connections to PostgreSQL with a deadline for the log-in, and one for each conversation.

libpq's own time-out is for the log-in, and what it reads afterwards has no bound in time or bytes.
"""

from __future__ import annotations

import fcntl
import struct
import termios
import time
from collections.abc import Generator
from typing import Any

import psycopg

RESULT_BYTES = 16 * 1024 * 1024
"""Bytes that all answers of one conversation may have."""
POLL = 0.05
"""Seconds between two looks at whether the process is to end, while nothing comes."""
STARTING = "57P03"
"""PostgreSQL's state for a server that does not take connections yet, or no more."""


class RanOut(psycopg.OperationalError):
    """A bound of ours: to ask again would only take as long again. The connection is closed."""


class PostgresConnection(psycopg.Connection[Any]):
    """A connection whose conversations each have an end, and a size."""

    until = float("inf")
    room = RESULT_BYTES

    def begin(self, seconds: float, most: int = RESULT_BYTES) -> None:
        """Begin a conversation of at most `seconds`, in which about `most` bytes come back."""
        self.until = time.monotonic() + seconds
        self.room = most

    def wait(self, gen: Any, interval: float = POLL, timeout: float | None = None) -> Any:
        """Wait as psycopg does, at most until the conversation's end.

        Raises `RanOut` where time or bytes are used up.
        """
        del timeout
        left = self.until - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            return super().wait(self._counted(gen), interval, left)
        except (TimeoutError, psycopg.OperationalError) as error:
            if isinstance(error, RanOut) or time.monotonic() < self.until:
                raise
            self.abort()
            msg = "the conversation's time is up"
            raise RanOut(msg) from error

    def abort(self) -> None:
        """Close at once, with all that is unread."""
        self.pgconn.finish()

    def _counted(self, inner: Any) -> Generator[Any, Any, Any]:
        """`inner`, which is sent what became ready, with an eye on how many bytes are there."""
        try:
            wanted = next(inner)
            while True:
                ready = yield wanted
                self.room -= self._unread()
                if self.room < 0:
                    self.abort()
                    msg = "the server sent more than the conversation may have"
                    raise RanOut(msg)
                wanted = inner.send(ready)
        except StopIteration as end:
            return end.value

    def _unread(self) -> int:
        found = fcntl.ioctl(self.pgconn.socket, termios.FIONREAD, b"\0" * 4)
        return int(struct.unpack("i", found)[0])


def open_postgres(
    address: tuple[str, int],
    *,
    login: float,
    user: str,
    password: str,
    database: str,
    **settings: str | int,
) -> PostgresConnection:
    """Connect and log in within `login` seconds; a conversation is begun with `Connection.begin`.

    `settings` are of the session; no setting of the account or the database stands above them.
    Raises `psycopg.OperationalError`.
    """
    options = " ".join(f"-c {name}={_escaped(str(one))}" for name, one in settings.items())
    return PostgresConnection.connect(
        host=address[0], port=address[1], user=user, password=password, dbname=database,
        autocommit=True, prepare_threshold=None, options=options, client_encoding="UTF8",
        connect_timeout=max(2, round(login)), application_name="practical-exam-grader",
        # this network is our own
        sslmode="disable", gssencmode="disable",
    )  # fmt: skip


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def refused(error: psycopg.Error) -> bool:
    """Return whether a log-in failed for what the server said, and not for a lack of a server."""
    return error.sqlstate != STARTING and "FATAL:" in str(error) and not _starting(str(error))


def _starting(said: str) -> bool:
    return "the database system is " in said
