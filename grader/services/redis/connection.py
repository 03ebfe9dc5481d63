"""The administrator's connection to a Redis server: the one place where it is made.

It makes and removes users, and reads the server's own settings, sessions and logs. It reads no key
of a student's and runs no script. It stays open, so that an app which holds every connection that
the server takes does not lock the grader out.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from grader.errors import PlatformError
from grader.services.base import Address, OutOfTime
from grader.services.redis.access import ADMIN
from grader.waiting import wait_until

if TYPE_CHECKING:
    from grader.deadline.redis import RedisConnection, Word

SECONDS = 5.0
"""How long one command may take, and a log-in."""
TOO_MANY = "max number of clients"
"""Stands in Redis's answer to one client too many."""
SCRIPT_SECONDS = 2.0
"""How long a script may take to end once it is told to."""
POLL = 0.02
NOT_BUSY = "NOTBUSY"
"""How Redis's answer begins where no script runs any more."""
BUSY = ("BUSY", "UNKILLABLE")
"""How Redis's answers begin while a script runs."""
HELD = (
    "a script of the app's keeps Redis busy",
    "the app holds every connection that Redis takes",
    "Redis did not answer in time",
)


class RedisAdmin:
    """What is asked of one server as its administrator. Safe from several threads."""

    def __init__(self, password: str) -> None:
        self.password = password
        self._address: Address = ("", 0)
        self._connection: RedisConnection | None = None
        self._lock = threading.RLock()

    def at(self, address: Address) -> None:
        """From now on the server is reached at `address`."""
        with self._lock:
            if address != self._address:
                self.close()
                self._address = address

    def open(self, *, seconds: float = SECONDS) -> RedisConnection:
        """Open another connection, which is the caller's to close. Raises as redis-py does."""
        from grader.deadline.redis import open_redis

        return open_redis(
            self._address, user=ADMIN, password=self.password, login=seconds, statement=seconds
        )

    def ask(self, *words: Word) -> Any:
        """Send one command and return its answer.

        Raises `PlatformError`, `OutOfTime` where the app keeps the server from answering.
        """
        return self.ask_each([words])[0]

    def ask_each(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        """Send commands together and return the answer to each. Raises as `ask` does."""
        from grader.deadline.redis import Lost, RedisError, ran_out

        with self._lock:
            try:
                try:
                    return self._send(commands)
                except Lost as error:
                    if ran_out(error):
                        raise
                    self.close()  # the server was started again since
                    return self._send(commands)
            except RedisError as error:
                self.close()
                raise translated_error(error, late=ran_out(error)) from error

    def close(self) -> None:
        """Close the connection; what comes next opens a new one."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection:
                connection.close()

    def _send(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        from grader.deadline.redis import ResponseError

        if self._connection is None:
            self._connection = self.open()
        try:
            return self._connection.ask_each(commands)
        except ResponseError as error:
            if not said(error).startswith(BUSY):
                raise
        return self._after_script(self._connection, commands)

    def _after_script(
        self, connection: RedisConnection, commands: Sequence[Sequence[Word]]
    ) -> list[Any]:
        """End the script that runs, which it sees after a moment, and send `commands` again.

        One that has written something cannot be ended. Raises as redis-py does.
        """
        from grader.deadline.redis import ResponseError

        busy: list[ResponseError] = []

        def answered() -> list[Any] | None:
            try:
                connection.ask("SCRIPT", "KILL")
            except ResponseError as error:
                if not said(error).startswith(NOT_BUSY):
                    raise
            try:
                return connection.ask_each(commands)
            except ResponseError as error:
                if not said(error).startswith(BUSY):
                    raise
                busy[:] = [error]
                return None

        answers = wait_until(answered, within=SCRIPT_SECONDS, poll=POLL)
        if answers is None:
            raise busy[0]
        return answers


def said(error: BaseException) -> str:
    """Return what the server has answered; redis-py takes the first word off for some errors."""
    text, kind = str(error), type(error).__name__
    return f"BUSY {text}" if kind == "BusyLoadingError" or "busy running a script" in text else text


def translated_error(error: BaseException, *, late: bool) -> PlatformError:
    """Return the grader's own error for one of redis-py's."""
    text = said(error)
    script, full, slow = HELD
    reasons = {script: text.startswith(BUSY), full: TOO_MANY in text, slow: late}
    for reason, applies in reasons.items():
        if applies:
            return OutOfTime(f"It took longer than {SECONDS:.0f} s: {reason}." if late else
                             f"{reason[0].upper()}{reason[1:]}.")  # fmt: skip
    return PlatformError(f"A Redis server did not do what the grader asked of it: {text}")
