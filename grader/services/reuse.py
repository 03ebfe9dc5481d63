"""A MySQL server for one run after another: each gets a schema and an account of its own.

What a submission could reach goes with its schema and its account. Everything else is compared with
what it was before the first of them; a server that differs in anything is not used again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.errors import PlatformError
from grader.services import accounts
from grader.services.mysql import MySqlServer

if TYPE_CHECKING:
    from pymysql import Connection

CHANGING = {"timestamp", "gtid_executed", "gtid_purged"}
"""Variables that nobody sets by hand."""
OURS = (
    "SET GLOBAL general_log = DEFAULT",
    "SET GLOBAL log_output = DEFAULT",
    "TRUNCATE TABLE mysql.general_log",
)
"""Undo what `db.logins()` of a suite has switched on."""


class NotClean(PlatformError):
    """A server that is not as it was; the message says in what."""


@dataclass(frozen=True)
class State:
    """All of a server that a submission is not meant to change."""

    accounts: frozenset[tuple[Any, ...]]
    schemas: frozenset[str]
    variables: frozenset[tuple[str, str]]
    prepared: int = 0
    """Distributed transactions (XA) that wait for their end."""


class ReusedServer:
    """A server with what it was like when it was new."""

    def __init__(self, server: MySqlServer, address: tuple[str, int]) -> None:
        """`server` is ready at `address`; its first account and schema are removed."""
        self.server = server
        self._address = address
        with self._connection() as connection:
            accounts.drop(connection, server.access)
            self._new = _state(connection)

    def admit(self) -> None:
        """Make a schema and an account with new names, and have `server.access` tell them."""
        with self._connection() as connection:
            access = accounts.create(connection, self.server)
        self.server.begin(access)

    def clean(self) -> None:
        """Remove what `admit` made, and guests. Raises `NotClean` where it is not as it was new."""
        with self._connection() as connection:
            with connection.cursor() as cursor:
                for statement in OURS:
                    cursor.execute(statement)
            for access in (self.server.access, *self.server.guests):
                accounts.drop(connection, access)
            state = _state(connection)
        if state != self._new:
            msg = f"A submission has changed its MySQL server: {difference(self._new, state)}"
            raise NotClean(msg)

    @contextmanager
    def _connection(self) -> Iterator[Connection[Any]]:
        try:
            with accounts.connected(self.server, self._address) as connection:
                yield connection
        except PlatformError as error:
            msg = f"A MySQL server could not be made ready for the next run: {error}"
            raise NotClean(msg) from error


def _state(connection: Connection[Any]) -> State:
    def rows(sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    return State(
        accounts=frozenset(rows("SELECT * FROM mysql.user")),
        schemas=frozenset(str(name) for (name,) in rows("SHOW DATABASES")),
        variables=frozenset(
            (name, value) for name, value in rows("SHOW GLOBAL VARIABLES") if name not in CHANGING
        ),
        prepared=len(rows("XA RECOVER")),
    )


def difference(before: State, after: State) -> str:
    """In words, what of two states differs; no value is told."""
    found = []
    for what, one, other in (
        ("accounts", {row[:2] for row in before.accounts ^ after.accounts}, set()),
        ("schemas", before.schemas, after.schemas),
        ("variables", {name for name, _ in before.variables ^ after.variables}, set()),
    ):
        if names := sorted(map(str, set(one) ^ set(other))):
            found.append(f"{what} {', '.join(names[:5])}")
    if after.prepared:
        found.append("transactions that wait for their end")
    return "; ".join(found)
