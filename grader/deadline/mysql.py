"""Connections to MySQL with a deadline for the greeting and log-in, and one for each statement.

PyMySQL's own time-outs are for one read each, and it collects packets and rows without a bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.constants import CR

from grader.deadline import DeadlineSocket, TooMuch, dial

if TYPE_CHECKING:  # it takes its cursor's kind in the stubs only
    Base = pymysql.Connection[Any]
else:
    Base = pymysql.Connection
LOGIN_BYTES = 1024 * 1024
"""Bytes that greeting and log-in may have; a server needs some hundred."""
RESULT_BYTES = 16 * 1024 * 1024
"""Bytes that the answer to one statement may have."""


class _Bounded(Base):
    """A connection whose every command has its own end."""

    seconds = 0.0
    """What one command may take."""
    most = RESULT_BYTES

    def _execute_command(self, command: int, sql: Any) -> None:
        """Send a command: the one place that all of them pass."""
        self._begin(self.seconds)
        super()._execute_command(command, sql)  # type: ignore[misc]  # the stubs lack it

    def close(self) -> None:
        """Say good-bye, which takes a moment only, and close."""
        self._begin(1.0)
        super().close()

    def _begin(self, seconds: float) -> None:
        connection = getattr(self, "_sock", None)
        if isinstance(connection, DeadlineSocket) and seconds:
            connection.begin(seconds, self.most)


def open_mysql(
    address: tuple[str, int],
    *,
    login: float,
    statement: float,
    most: int = RESULT_BYTES,
    **options: Any,
) -> pymysql.Connection[Any]:
    """Connect and log in within `login` seconds; each statement then has `statement` seconds.

    `most` is how many bytes the answer to a statement may have; `options` are those of
    `pymysql.connect` but for host, port and time-outs. Raises `pymysql.err.MySQLError`, and
    whatever PyMySQL raises for what is no MySQL server.
    """
    connection = _Bounded(
        host=address[0], port=address[1], defer_connect=True, local_infile=False,
        # to load the authorities takes 27 ms, and this network is our own
        ssl_disabled=True, **options,
    )  # fmt: skip
    try:
        transport = dial(address, login, LOGIN_BYTES)
    except OSError as error:
        said = f"Can't connect to MySQL server on {address[0]!r} ({error})"
        raise pymysql.err.OperationalError(CR.CR_CONN_HOST_ERROR, said) from error
    try:
        connection.connect(transport)
    except BaseException:
        transport.close()
        raise
    connection.seconds, connection.most = statement, most
    return connection


def ran_out(error: BaseException) -> bool:
    """Return whether `error` came of a bound of ours.

    To ask again would only take as long again.
    """
    return isinstance(error.__context__, TimeoutError | TooMuch)
