"""One connection of the suite's to a MySQL server that holds what a student made: its limits.

Each statement has its time, within the time that all of a test's have, and an answer is read up to
a size. What runs out of any of them does so for what is in the student's schema (locks, views that
wait, very large tables), so it is the student's loss.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pymysql
from pymysql.cursors import SSDictCursor

from grader.deadline.mysql import open_mysql, ran_out
from grader.exam.services.sql import with_names
from grader.exam.services.sql_limits import (
    CONNECT_SECONDS,
    LOCK_SECONDS,
    MOST_BYTES,
    MOST_ROWS,
    STATEMENT_SECONDS,
    Clock,
    Lost,
    too_large,
    too_slow,
)

LIMITS = (
    # each of MySQL and MariaDB takes the other's for a comment
    f"SET SESSION /*!80000 max_execution_time = {STATEMENT_SECONDS * 1000}, */ "
    f"/*M!100100 max_statement_time = {STATEMENT_SECONDS}, */ "
    f"lock_wait_timeout = {LOCK_SECONDS}, innodb_lock_wait_timeout = {LOCK_SECONDS}, "
    f"sql_select_limit = {MOST_ROWS + 1}"
)
LOST = {2002, 2003, 2006, 2013}
"""Client errors that mean the connection is gone (MySQL's error reference)."""
OUT_OF_TIME = {1205, 1317, 1969, 3024}
"""Server errors for a lock not had in time, and for a statement that was broken off."""


class Session:
    """A connection that opens when it is needed, and sees only what is committed."""

    def __init__(self, access: dict[str, Any], clock: Clock) -> None:
        """`access`: `host`, `port`, `user`, `password`, and `database` or None."""
        self._access = access
        self._clock = clock
        self._connection: pymysql.Connection[SSDictCursor] | None = None
        self.inserted = 0
        """The number that AUTO_INCREMENT gave the row of the last statement, if it inserted one."""

    @property
    def open(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    def run(self, sql: str, args: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Run one statement and return its rows, each a dict by column.

        Raises `Mismatch` for what runs out of its time or size, `Lost`, and what pymysql raises for
        all else. A percent sign in a name in backticks stands for itself.
        """
        self._clock.require_time()
        started = asked = time.monotonic()
        try:
            connection = self._connect()
            asked = time.monotonic()
            return self._rows(connection, with_names(sql) if args else sql, args)
        except pymysql.err.MySQLError as error:
            number = error.args[0] if error.args else None
            if number in OUT_OF_TIME:
                raise too_slow() from error
            if number not in LOST:
                raise
            self.close()
            if asked > started and (ran_out(error) or time.monotonic() - asked > STATEMENT_SECONDS):
                raise too_slow() from error
            raise Lost(str(error)) from error
        finally:
            self._clock.add(time.monotonic() - started)

    def select(self, schema: str) -> None:
        """Use `schema` from now on."""
        self._connect().select_db(schema)

    def close(self) -> None:
        """Close the connection with all that is unread; the next statement opens a new one."""
        connection: Any = self._connection
        self._connection = None
        if connection is None:
            return
        if unread := connection._result:  # noqa: SLF001 - else the driver would read the rest
            unread.unbuffered_active = False
        try:
            connection.close()
        except pymysql.err.MySQLError:
            pass  # it was gone already

    def _rows(
        self, connection: pymysql.Connection[SSDictCursor], sql: str, args: Sequence[Any]
    ) -> list[dict[str, Any]]:
        cursor = connection.cursor()
        cursor.execute(sql, list(args) or None)
        self.inserted = int(cursor.lastrowid or 0)
        found, size = [], 0
        while (row := cursor.fetchone()) is not None:
            found.append(row)
            size += sum(len(value) for value in row.values() if isinstance(value, str | bytes))
            if len(found) > MOST_ROWS or size > MOST_BYTES:
                self.close()
                raise too_large()
        cursor.close()
        return found

    def _connect(self) -> pymysql.Connection[SSDictCursor]:
        """Return the one place where the suite connects to MySQL."""
        if self._connection is None:
            access = self._access
            self._connection = open_mysql(
                (access["host"], access["port"]), login=CONNECT_SECONDS,
                statement=STATEMENT_SECONDS + 1, most=2 * MOST_BYTES, user=access["user"],
                password=access["password"], charset="utf8mb4", database=access["database"],
                autocommit=True, init_command=LIMITS, cursorclass=SSDictCursor,
            )  # fmt: skip
        return self._connection
