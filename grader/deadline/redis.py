"""Connections to Redis with a deadline for the log-in, and one for each command with its answer.

redis-py's own time-outs are for one read each, and it collects answers without a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis.connection import Connection
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import InvalidResponse, NoPermissionError, RedisError, ResponseError
from redis.exceptions import TimeoutError as Overrun

from grader.deadline import DeadlineSocket, TooMuch, dial

LOGIN_BYTES = 64 * 1024
"""Bytes that the answers to a log-in may have; a server needs some hundred."""
ANSWER_BYTES = 16 * 1024 * 1024
"""Bytes that the answer to one command may have."""
Word = str | bytes | int | float
"""A word of a command."""


class _Dialled(Connection):
    """A connection over a socket that has one end for all that is said while it logs in."""

    login = 0.0

    def _connect(self) -> DeadlineSocket:
        """Dial: the one place where redis-py opens its socket."""
        return dial((self.host, self.port), self.login, LOGIN_BYTES)


class RedisConnection:
    """A connection whose every command has its own end."""

    def __init__(self, connection: Connection, statement: float, most: int) -> None:
        """Take `connection`, logged in; a command has `statement` seconds, and `most` bytes."""
        self._connection = connection
        self._seconds = statement
        self._most = most

    def ask(self, *words: Word, seconds: float | None = None) -> Any:
        """Send one command and return its answer, in bytes, numbers and lists of them.

        Within `seconds` where they are given. Raises `redis.exceptions.RedisError`.
        """
        return self.ask_each([words], seconds=seconds)[0]

    def ask_each(
        self, commands: Sequence[Sequence[Word]], *, seconds: float | None = None
    ) -> list[Any]:
        """Send commands together and return the answer to each, within the time of one.

        Raises `redis.exceptions.RedisError`; the first that the server refuses, once all are read.
        """
        connection = self._connection
        self._begin(self._seconds if seconds is None else seconds)
        connection.send_packed_command(connection.pack_commands(commands), check_health=False)
        answers = [self._read() for _ in commands]
        for answer in answers:
            if isinstance(answer, ResponseError):
                raise answer
        return answers

    def next_answer(self, seconds: float) -> Any:
        """Return what the server sends next, within `seconds`, as after MONITOR."""
        self._begin(seconds)
        answer = self._read()
        if isinstance(answer, ResponseError):
            raise answer
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.disconnect()

    def _begin(self, seconds: float) -> None:
        opened = self._connection._sock  # noqa: SLF001 - redis-py has no name for it
        if not isinstance(opened, DeadlineSocket):
            msg = "The connection to Redis is closed."
            raise Lost(msg)
        opened.begin(seconds, self._most)

    def _read(self) -> Any:
        try:
            return self._connection.read_response()
        except ResponseError as error:
            return error
        except (ValueError, IndexError, RecursionError) as error:
            msg = f"what answers is no Redis server: {error}"
            raise InvalidResponse(msg) from error


def open_redis(
    address: tuple[str, int], *, user: str, password: str, login: float, statement: float,
    most: int = ANSWER_BYTES,
) -> RedisConnection:  # fmt: skip
    """Connect and log in within `login` seconds; each command then has `statement` seconds.

    `most` is how many bytes an answer may have. Raises `redis.exceptions.RedisError`.
    """
    dialled = _Dialled(  # type: ignore[no-untyped-call]
        host=address[0], port=address[1], username=user, password=password, protocol=2,
        driver_info=None,
    )  # fmt: skip
    dialled.login = login
    connection: Connection = dialled
    try:
        connection.connect()
    except (ValueError, IndexError, RecursionError) as error:
        connection.disconnect()
        msg = f"what answers is no Redis server: {error}"
        raise InvalidResponse(msg) from error
    except BaseException:
        connection.disconnect()
        raise
    return RedisConnection(connection, statement, most)


def ran_out(error: BaseException) -> bool:
    """Return whether `error` came of a bound of ours: asking again would take as long again."""
    return isinstance(error, Overrun) or isinstance(error.__context__, TimeoutError | TooMuch)


__all__ = [
    "Lost",
    "NoPermissionError",
    "RedisConnection",
    "RedisError",
    "ResponseError",
    "Word",
    "open_redis",
    "ran_out",
]
