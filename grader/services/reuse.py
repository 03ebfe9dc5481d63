"""A MySQL server for one run after another: each gets a schema and an account of its own.

What a submission could reach goes with its schema and its account. Everything else is compared with
what it was before the first of them; a server that differs in anything is not used again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from grader.errors import PlatformError
from grader.services.mysql import MySqlAccess, MySqlServer

if TYPE_CHECKING:
    from pymysql import Connection

SECONDS = 10
"""How long one statement may take; a lock that a submission left (XA) would hold it up for ever."""
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
            _drop(connection, server.access)
            self._new = _state(connection)

    def admit(self) -> None:
        """Make a schema and an account with new names, and have `server.access` tell them."""
        access = replace(
            MySqlAccess.draw(),
            root_password=self.server.access.root_password, admin=self.server.access.admin,
        )  # fmt: skip
        own = access.database.replace("_", "\\_")  # an underscore in a grant is any character
        with self._connection() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE `{access.database}`")
            cursor.execute(f"CREATE USER `{access.user}`@'%%' IDENTIFIED BY %s", [access.password])
            cursor.execute(f"GRANT ALL ON `{own}`.* TO `{access.user}`@'%'")
        self.server.begin(access)

    def clean(self) -> None:
        """Remove what `admit` made. Raises `NotClean` where the server is not as it was new."""
        with self._connection() as connection:
            _end_sessions(connection, self.server.access.user)
            with connection.cursor() as cursor:
                for statement in OURS:
                    cursor.execute(statement)
            _drop(connection, self.server.access)
            state = _state(connection)
        if state != self._new:
            msg = f"A submission has changed its MySQL server: {difference(self._new, state)}"
            raise NotClean(msg)

    @contextmanager
    def _connection(self) -> Iterator[Connection[Any]]:
        import pymysql

        access = self.server.access
        try:
            connection = pymysql.connect(
                host=self._address[0], port=self._address[1], user=access.admin,
                password=access.root_password, autocommit=True, local_infile=False,
                ssl_disabled=True, connect_timeout=SECONDS, read_timeout=SECONDS,
            )  # fmt: skip
            with connection:
                yield connection
        except (pymysql.err.MySQLError, OSError) as error:
            msg = f"A MySQL server could not be made ready for the next run: {error}"
            raise NotClean(msg) from error


def _end_sessions(connection: Connection[Any], user: str) -> None:
    """End what an app that is gone has left running."""
    import pymysql

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE user = %s", [user])
        for (number,) in cursor.fetchall():
            try:
                cursor.execute(f"KILL {int(number)}")
            except pymysql.err.MySQLError:
                continue  # it ended by itself


def _drop(connection: Connection[Any], access: MySqlAccess) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION lock_wait_timeout = 3")
        cursor.execute(f"DROP DATABASE IF EXISTS `{access.database}`")
        cursor.execute(f"DROP USER IF EXISTS `{access.user}`@'%'")


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
