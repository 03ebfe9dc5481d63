"""The administrator's connection to a MySQL or MariaDB server: the one place where it is made.

Nothing that a student wrote is evaluated on it: no table, view or routine of theirs is read, and
their schema is never selected. It creates and drops, grants, sets globals and reads the server's
own tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from grader.errors import PlatformError
from grader.services.base import OutOfTime
from grader.services.mysql.access import AdministeredMySql

if TYPE_CHECKING:
    from pymysql import Connection

SECONDS = 10
"""How long one statement may take."""
LOCK_SECONDS = 3
"""How long one waits for a lock; what a submission left prepared (XA) holds its own for ever."""
OUT_OF_TIME = frozenset({1205, 1317, 1969, 3024})
"""Errors of the two for a lock that was not had in time, and for what ran past its time."""


@contextmanager
def connected(server: AdministeredMySql, address: tuple[str, int]) -> Iterator[Connection[Any]]:
    """Connect as the server's administrator.

    Raises `PlatformError` where anything fails, `OutOfTime` for what the server has broken off.
    """
    import pymysql
    from pymysql.constants import CLIENT

    from grader.deadline.mysql import open_mysql

    access = server.access
    try:
        connection = open_mysql(
            address, login=SECONDS, statement=SECONDS, user=access.admin,
            password=access.root_password, autocommit=True,
            client_flag=CLIENT.MULTI_STATEMENTS,
            # each of the two takes the other's for a comment
            init_command=f"SET SESSION /*!80000 max_execution_time = {SECONDS * 500}, */ "
            f"/*M!100100 max_statement_time = {SECONDS / 2}, */ "
            f"lock_wait_timeout = {LOCK_SECONDS}, innodb_lock_wait_timeout = {LOCK_SECONDS}",
        )  # fmt: skip
        with connection:
            yield connection
    except (pymysql.err.MySQLError, OSError) as error:
        msg = f"A {server.title} server did not do what the grader asked of it: {error}"
        kind = OutOfTime if set(error.args[:1]) & OUT_OF_TIME else PlatformError
        raise kind(msg) from error


def rows(connection: Connection[Any], sql: str, *args: Any) -> list[tuple[Any, ...]]:
    """Run `sql` and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, args or None)
        return list(cursor.fetchall())
