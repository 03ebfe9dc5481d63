"""A PostgreSQL server for one run after another: each gets a database and roles of its own.

What a submission could reach goes with its database and its role. Everything else is compared with
what it was before the first of them; a server that differs in anything is not used again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from grader.errors import PlatformError
from grader.services.base import Address, NotClean, Reusable
from grader.services.postgres import accounts
from grader.services.postgres.access import AdministeredPostgres
from grader.services.postgres.connection import connected
from grader.services.postgres.state import difference, state


class ReusedPostgres(Reusable):
    """A server with what it was like when it was new."""

    def __init__(self, server: AdministeredPostgres, address: Address) -> None:
        """`server` is ready at `address`, and nobody has anything of it."""
        self.server = server
        self._address = address
        with _lost(), connected(server, address) as connection:
            self._new = state(connection)

    def admit(self) -> None:
        """Make a database and roles with new names, and have `server.access` tell them.

        Raises `NotClean`.
        """
        with _lost():
            accounts.admit(self.server, self._address)

    def clean(self) -> None:
        """Remove what `admit` made, and guests. Raises `NotClean` where it is not as it was new."""
        server = self.server
        also = [server.writer] if server.writer else []
        with _lost(), connected(server, self._address) as connection:
            accounts.drop(connection, server.access, *server.guest_access, also=also)
        # a new connection: what it is told of settings is what holds for the next run
        with _lost(), connected(server, self._address) as connection:
            found = state(connection)
        if found != self._new:
            said = difference(self._new, found)
            msg = f"A submission has changed its PostgreSQL server: {said}"
            raise NotClean(msg)


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except PlatformError as error:
        msg = f"A PostgreSQL server could not be made ready for the next run: {error}"
        raise NotClean(msg) from error
