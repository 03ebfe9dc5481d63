"""One connection of the suite's to a PostgreSQL database of a student's: its limits.

Each statement has its time, within the time that all of a test's have, and an answer is read up to
a size. The reader's statements run in transactions that change nothing and are rolled back: what a
routine of the student's does to the session there goes with them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row

from grader.deadline.postgres import PostgresConnection, RanOut, open_postgres, refused
from grader.exam.faults import Mismatch
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

CHUNK = 500
"""Rows that are taken from the server at a time."""
OUT_OF_TIME = {"57014", "55P03"}
"""States for a statement that was broken off, and for a lock not had in time."""
ENDED = "57P01"
"""The state of a session that somebody has ended; the grader ends none of its own."""
NO_ROWS = "didn't produce a result"
"""What psycopg says of a statement such as SET, which has run and has no rows."""
NEVER_NUMBERED = "55000"
"""The state of `lastval()` where no sequence gave a number."""
SCHEMAS = (
    "SELECT pg_catalog.set_config('search_path', COALESCE((SELECT pg_catalog.string_agg("
    "pg_catalog.quote_ident(nspname), ', ' ORDER BY nspname <> 'public', nspname) "
    "FROM pg_catalog.pg_namespace "
    "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'), ''), true)"
)
"""Has names of tables stand for those of the student's schemas, `public` first, to the end of the
transaction."""


class PostgresSession:
    """A connection that opens when it is needed, and sees only what is committed."""

    def __init__(self, access: dict[str, Any], clock: Clock, *, writes: bool = False) -> None:
        """`access`: `host`, `port`, `user`, `password`, `database`."""
        self._access = access
        self._clock = clock
        self._writes = writes
        self._connection: PostgresConnection | None = None
        self.inserted = 0
        """The number that a sequence gave to what the last statement inserted, if any did."""

    def run(self, sql: str, args: Sequence[Any] = (), *, own: bool = False) -> list[dict[str, Any]]:
        """Run one statement and return its rows, each a dict by column.

        One of the grader's `own` finds no name but those of `pg_catalog`. Raises `Mismatch` for
        what runs out of its time or size, `Lost`, and what psycopg raises for all else.
        """
        self._clock.require_time()
        started = time.monotonic()
        try:
            connection = self._connect()
            return self._transaction(connection, sql, args, own=own)
        except psycopg.Error as error:
            if isinstance(error, RanOut) or error.sqlstate in OUT_OF_TIME:
                self.close()
                raise too_slow() from error
            if not self._gone(error):
                self.close()
                raise
            lost = Lost(str(error).strip())
            lost.asked = self._connection is not None
            self.close()
            raise lost from error
        except BaseException:
            self.close()  # it is in the midst of a transaction
            raise
        finally:
            self._clock.add(time.monotonic() - started)

    def close(self) -> None:
        """Close the connection with all that is unread; the next statement opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort()

    def _gone(self, error: psycopg.Error) -> bool:
        """Return whether the server is not there (any more), and does not only refuse something."""
        if error.sqlstate == ENDED or refused(error):
            return False
        broken = self._connection is not None and self._connection.closed
        return broken or self._connection is None

    def _transaction(
        self, connection: PostgresConnection, sql: str, args: Sequence[Any], *, own: bool
    ) -> list[dict[str, Any]]:
        connection.begin(STATEMENT_SECONDS + 1, 2 * MOST_BYTES)
        begin = "BEGIN; DISCARD SEQUENCES" if self._writes else "BEGIN READ ONLY"
        _send(connection, begin if own else f"{begin}; {SCHEMAS}")
        found = self._rows(connection, sql, args)
        if self._writes:
            self.inserted = _number(connection)
        _send(connection, "COMMIT" if self._writes else "ROLLBACK")
        return found

    def _rows(
        self, connection: PostgresConnection, sql: str, args: Sequence[Any]
    ) -> list[dict[str, Any]]:
        with connection.cursor(row_factory=dict_row) as cursor:
            if not self._writes:
                return self._read(cursor, sql, args)
            cursor.execute(sql, list(args) or None)
            return cursor.fetchall() if cursor.description else []

    def _read(
        self, cursor: psycopg.Cursor[dict[str, Any]], sql: str, args: Sequence[Any]
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        size = 0
        try:
            for row in cursor.stream(sql, list(args) or None, size=CHUNK):
                found.append(row)
                size += sum(len(value) for value in row.values() if isinstance(value, str | bytes))
                if len(found) > MOST_ROWS or size > MOST_BYTES:
                    self.close()
                    raise too_large()
        except psycopg.ProgrammingError as error:
            if error.sqlstate or NO_ROWS not in str(error):
                raise
        return found

    def _connect(self) -> PostgresConnection:
        """Return the one place where the suite connects to PostgreSQL."""
        if self._connection is None:
            access = self._access
            self._connection = open_postgres(
                (access["host"], access["port"]), login=CONNECT_SECONDS, user=access["user"],
                password=access["password"], database=access["database"],
                search_path="pg_catalog", statement_timeout=STATEMENT_SECONDS * 1000,
                lock_timeout=LOCK_SECONDS * 1000, timezone="UTC", datestyle="ISO",
                bytea_output="hex", intervalstyle="postgres", row_security="on",
            )  # fmt: skip
        return self._connection


def _send(connection: PostgresConnection, sql: str) -> None:
    connection.execute(sql)


def _number(connection: PostgresConnection) -> int:
    """Return the number that a sequence gave within this transaction; 0 where none did."""
    _send(connection, "SAVEPOINT before_number")
    try:
        found = connection.execute("SELECT pg_catalog.lastval()").fetchone()
    except psycopg.Error as error:
        if error.sqlstate != NEVER_NUMBERED:
            raise
        _send(connection, "ROLLBACK TO SAVEPOINT before_number")
        return 0
    return int(found[0]) if found else 0


def refusal(error: psycopg.Error) -> Mismatch:
    """Return the loss of a student whose database does not give what the grader asks it for."""
    said = error.diag.message_primary or str(error).strip().splitlines()[-1]
    if error.sqlstate == ENDED:
        said = "what is in it ended the grader's session"
    return Mismatch(f"PostgreSQL refused the grader's look into your database: {said}.")
