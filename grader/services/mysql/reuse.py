"""A MySQL server for one run after another: each gets a schema and accounts of its own.

What a submission could reach goes with its schema and its account. Everything else is compared with
what it was before the first of them; a server that differs in anything is not used again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from grader.errors import PlatformError
from grader.services.base import NotClean, Reusable
from grader.services.mysql import accounts
from grader.services.mysql.access import AdministeredMySql
from grader.services.mysql.connection import connected, rows
from grader.services.mysql.state import ServerState, difference, state

if TYPE_CHECKING:
    from pymysql import Connection

OURS = (
    "SET GLOBAL general_log = DEFAULT",
    "SET GLOBAL log_output = DEFAULT",
    "TRUNCATE TABLE mysql.general_log",
)
"""Undo what `db.logins()` of a suite has switched on."""


class ReusedServer(Reusable):
    """A server with what it was like when it was new."""

    def __init__(self, server: AdministeredMySql, address: tuple[str, int]) -> None:
        """`server` is ready at `address`; its first account and schema are removed."""
        self.server = server
        self._address = address
        with self._connection() as connection:
            accounts.drop(connection, server.access)
            self._new = self._state(connection)

    def admit(self) -> None:
        """Make a schema and accounts with new names, and have `server.access` tell them.

        Raises `NotClean`.
        """
        with self._connection() as connection:
            access = accounts.create(connection, self.server)
        self.server.begin(access)
        try:
            self.server.greet()
        except PlatformError as error:
            raise NotClean(str(error)) from error

    def clean(self) -> None:
        """Remove what `admit` made, and guests. Raises `NotClean` where it is not as it was new."""
        server = self.server
        with self._connection() as connection:
            for statement in OURS:
                rows(connection, statement)
            also = [server.writer] if server.writer else []
            accounts.drop(connection, server.access, *server.guest_access, also=also)
            # what counts from now on is what stands in the tables that are compared
            rows(connection, "FLUSH PRIVILEGES")
        # a new connection: it would not be had if that has changed who the administrator is, and
        # the server knows the password by its hash again when the next run comes
        with self._connection() as connection:
            found = self._state(connection)
        if found != self._new:
            differs = difference(self._new, found)
            msg = f"A submission has changed its {server.title} server: {differs}"
            raise NotClean(msg)

    def _state(self, connection: Connection[Any]) -> ServerState:
        """All that outlives a run."""
        return state(connection)

    @contextmanager
    def _connection(self) -> Iterator[Connection[Any]]:
        try:
            with connected(self.server, self._address) as connection:
                yield connection
        except PlatformError as error:
            msg = f"A {self.server.title} server could not be made ready for the next run: {error}"
            raise NotClean(msg) from error
