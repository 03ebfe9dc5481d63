"""The `db` fixture on a PostgreSQL of the submission's own, in its Compose file.

The server is the student's: what answers in its place may be anything, and is the student's loss.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import psycopg

from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.protocol import Caller
from grader.exam.services.postgres import COLUMNS, TABLES, PostgresDatabase
from grader.exam.services.postgres_session import PostgresSession
from grader.exam.services.sql_limits import Lost

DATABASES = """
SELECT datname::text AS d FROM pg_catalog.pg_database
WHERE datallowconn AND NOT datistemplate ORDER BY datname LIMIT 10
"""
USUAL = "postgres"
"""The database that every server has, unless somebody has removed it."""
NAMES = {TABLES: ("s", "t"), COLUMNS: ("s", "t", "c"), DATABASES: ("d",)}
"""What statements of the grader's own give in each row: texts."""
NO_SERVER = "What answers in PostgreSQL's place is no PostgreSQL server"
NOT_HERE = (
    "db.{}() is for MySQL and MariaDB, and for the PostgreSQL that an exam provides; the one of a "
    "Compose file is the student's to set, and tells no such thing"
)


class OwnPostgresDatabase(PostgresDatabase):
    """The database of the submission's own server, whichever of its databases holds tables."""

    def __init__(self, caller: Caller, told: dict[str, Any]) -> None:
        super().__init__(caller, told)
        self._given = str(told["database"])
        self._settled = False
        """Whether it is known in this test which database holds the tables."""

    def begin_test(self) -> None:
        """Forget what the test before has done, and which database it has found tables in."""
        super().begin_test()
        self._settled = False

    @property
    def name(self) -> str:
        """The name of the submission's database."""
        self._choose()
        return super().name

    def queries(self) -> NoReturn:
        """Refuse: statements are not counted here."""
        raise PlatformFault(NOT_HERE.format("queries"))

    def logins(self) -> NoReturn:
        """Refuse: log-ins are not noted here."""
        raise PlatformFault(NOT_HERE.format("logins"))

    def restricted(self, *_: str) -> NoReturn:
        """Refuse: the account is the student's."""
        raise PlatformFault(NOT_HERE.format("restricted"))

    # -- which database -----------------------------------------------------------------------

    def _reading(self) -> PostgresSession:
        self._choose()
        return super()._reading()

    def _writing(self) -> PostgresSession:
        self._choose()
        return super()._writing()

    def _choose(self) -> None:
        """Use the database that its image makes, or, where that has no tables, one that has."""
        if self._settled:
            return
        found = next((one for one in self._candidates() if self._look(one, TABLES)), "")
        self._settled = bool(found)
        chosen = found or self._given
        if chosen != self._told["database"]:
            self.close()
            self._told = {**self._told, "database": chosen}
            self._reader, self._writer = PostgresSession(self._told, self._clock), None

    def _candidates(self) -> Iterator[str]:
        yield self._given
        others = self._look(self._given, DATABASES) or self._look(USUAL, DATABASES)
        yield from (row["d"] for row in others if row["d"] != self._given)

    def _look(self, database: str, sql: str) -> list[dict[str, Any]]:
        """Return what a statement of the grader's gives in a database; nothing where that fails."""
        session = PostgresSession({**self._told, "database": database}, self._clock)
        with _well_formed():
            try:
                return _checked(session.run(sql, own=True), sql)
            except (psycopg.Error, Lost):
                return []  # the statement that this is done for says why
            finally:
                session.close()

    # -- whatever answers ---------------------------------------------------------------------

    def _run(
        self, session: PostgresSession, sql: str, args: Sequence[Any], *, own: bool = False
    ) -> list[dict[str, Any]]:
        with _well_formed():
            return _checked(super()._run(session, sql, args, own=own), sql)

    def _gone(self, error: Lost) -> Exception:
        """Return the student's loss: it is the student's server."""
        return Mismatch(f"The PostgreSQL service of your Compose file does not answer: {error}")


@contextmanager
def _well_formed() -> Iterator[None]:
    """Have what the driver takes for well-formed, and is not, be the student's loss."""
    try:
        yield
    except Mismatch:
        raise
    except (
        RuntimeError,
        AssertionError,
        LookupError,
        ValueError,
        TypeError,
        struct.error,
    ) as error:
        msg = f"{NO_SERVER}: {error}"
        raise Mismatch(msg) from error


def _checked(rows: list[dict[str, Any]], sql: str) -> list[dict[str, Any]]:
    """`rows`, if each has the texts that the statement gives. Raises `Mismatch`."""
    for row in rows:
        for name in NAMES.get(sql, ()):
            if not isinstance(row.get(name), str):
                msg = f"{NO_SERVER}: it gives no name where one is asked for."
                raise Mismatch(msg)
    return rows
