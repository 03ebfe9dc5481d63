"""The administrator's connection to a PostgreSQL server: the one place where it is made.

Nothing that a student wrote is evaluated on it: it goes to the server's own database. The only
exception is `as_app`, which does what an app could do itself, with no more than the app's rights.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from grader.errors import PlatformError
from grader.services.base import Account, Address, OutOfTime
from grader.services.postgres.access import (
    ADMIN,
    AdministeredPostgres,
)

if TYPE_CHECKING:
    from psycopg.sql import Composed

    from grader.deadline.postgres import PostgresConnection

SECONDS = 10
"""How long one conversation may take."""
STATEMENT_SECONDS = 6
"""How long one statement may take."""
LOCK_SECONDS = 3
OUT_OF_TIME = frozenset({"57014", "55P03"})
"""PostgreSQL's states for a statement that was broken off, and a lock that was not had in time."""


@contextmanager
def connected(
    server: AdministeredPostgres, address: Address, database: str = ADMIN, *,
    account: Account | None = None,
) -> Iterator[PostgresConnection]:  # fmt: skip
    """Connect to `database` as the server's administrator, or as `account`.

    Raises `PlatformError` where anything fails, `OutOfTime` for what the server has broken off.
    """
    import psycopg

    from grader.deadline.postgres import RanOut, open_postgres

    used = account or server.admin
    try:
        connection = open_postgres(
            address, login=SECONDS, user=used.user, password=used.password, database=database,
            search_path="pg_catalog", statement_timeout=STATEMENT_SECONDS * 1000,
            lock_timeout=LOCK_SECONDS * 1000,
        )  # fmt: skip
        try:
            connection.begin(SECONDS)
            yield connection
        finally:
            connection.abort()
    except (psycopg.Error, OSError) as error:
        msg = f"A PostgreSQL server did not do what the grader asked of it: {error}"
        late = error.sqlstate in OUT_OF_TIME if isinstance(error, psycopg.Error) else False
        kind = OutOfTime if late or isinstance(error, RanOut) else PlatformError
        raise kind(msg) from error


def rows(connection: PostgresConnection, sql: str | Composed, *args: Any) -> list[tuple[Any, ...]]:
    """Run `sql` in its own time and return its rows."""
    connection.begin(SECONDS)
    cursor = connection.execute(sql, args or None)
    return cursor.fetchall() if cursor.description else []


def statement(text: str, *names: str) -> Composed:
    """Return `text` with `names` as identifiers in the place of its `{}`."""
    from psycopg.sql import SQL, Identifier

    return SQL(text).format(*map(Identifier, names))
