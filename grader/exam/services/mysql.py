"""The `db` fixture: the grader's own look into the submission's database.

It reads with an account that may read the submission's schema and nothing else, and changes rows
with another one, which is made when it is first asked for. What takes an administrator (restarts,
counters, rights) the grader's own process does.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import pymysql

from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.protocol import Caller
from grader.exam.services.mysql_session import Session
from grader.exam.services.sql import only_reads, quoted
from grader.exam.services.sql_database import SqlDatabase
from grader.exam.services.sql_limits import Lost

SCHEMAS = """
SELECT s.schema_name AS name, COUNT(t.table_name) AS used
FROM information_schema.schemata s
LEFT JOIN information_schema.tables t ON t.table_schema = s.schema_name
AND t.table_type = 'BASE TABLE'
WHERE s.schema_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
GROUP BY s.schema_name
"""
"""Every schema that is not MySQL's own, with the number of its tables."""
TABLES = """
SELECT table_name AS t FROM information_schema.tables
WHERE table_schema = %s AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
"""
"""MariaDB's tables that keep what a row was before are base tables as well."""
COLUMNS = """
SELECT table_name AS t, column_name AS c, data_type AS k FROM information_schema.columns
WHERE table_schema = %s ORDER BY table_name, ordinal_position
"""
TEXTS = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json"}


class Database(SqlDatabase):
    """The submission's database; what is read is what any other connection sees.

    Only base tables count as what an app keeps: a view can show what is stored nowhere.
    """

    product = "MySQL"
    """What sentences call the server."""

    def __init__(self, caller: Caller, access: dict[str, Any]) -> None:
        """`access`: as `Session` takes it, with `account` and `own`."""
        super().__init__(caller, access)
        self._access = access
        self._own = bool(access["own"])
        self._reader = Session(
            {**access, "database": None if self._own else access["database"]}, self._clock
        )
        self._writer: Session | None = self._reader if self._own else None
        self._last = self._reader
        self._chosen = ""

    @property
    def name(self) -> str:
        """The name of the submission's database."""
        if not self._own:
            return str(self._access["database"])
        self.rows("DO 0")  # connects, which chooses
        return self._chosen

    # -- reading ---------------------------------------------------------------------------

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Run `sql` and return its rows, each a dict by column."""
        if not only_reads(sql):
            return self._run(self._writing(), sql, args)
        own = self._last if "LAST_INSERT_ID" in sql.upper() else self._reader
        return self._run(own, sql, args)

    def tables(self) -> list[str]:
        """Return the names of the submission's tables, sorted; views are none."""
        return sorted(str(row.get("t")) for row in self.rows(TABLES, [self.name]))

    def column(self, table: str, name: str) -> list[Any]:
        """Return every value of a column."""
        sql = f"SELECT {quoted(name)} AS v FROM {quoted(table)}"  # noqa: S608 - quoted
        return [row["v"] for row in self.rows(sql)]

    def records(self, table: str) -> list[dict[str, Any]]:
        """Return every row of a table with all of its columns, those marked INVISIBLE as well."""
        names = [name for place, name, _ in self._columns() if place == table]
        listed = ", ".join(map(quoted, names))
        return self.rows(f"SELECT {listed} FROM {quoted(table)}") if names else []  # noqa: S608

    def find(self, value: str) -> list[tuple[str, str]]:
        """Return every `(table, column)` that holds exactly the text `value`, to the letter.

        In whatever character set the column keeps it.
        """
        places = [one for one in self._columns() if one[2] in TEXTS]
        found = []
        for table, group in groupby(places, key=lambda one: one[0]):
            names = [name for _, name, _ in group]
            conditions = ", ".join(
                f"MAX(CAST(CONVERT({quoted(name)} USING utf8mb4) AS BINARY) = CAST(%s AS BINARY)) "
                f"AS c{at}"
                for at, name in enumerate(names)
            )
            query = f"SELECT {conditions} FROM {quoted(table)}"  # noqa: S608 - quoted
            held = next(iter(self.rows(query, [value] * len(names))), {})
            found += [(table, name) for at, name in enumerate(names) if held.get(f"c{at}")]
        return found

    # -- changing --------------------------------------------------------------------------

    def write(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Change rows, and return the number that AUTO_INCREMENT gave to a new one."""
        session = self._writing()
        self._run(session, sql, args)
        return session.inserted

    # -- connections -----------------------------------------------------------------------

    def _columns(self) -> list[tuple[str, str, str]]:
        """Table, name and type of each column of a base table."""
        tables, found = set(self.tables()), self.rows(COLUMNS, [self.name])
        # a server of the student's own may answer with anything
        places = [(str(row.get("t")), str(row.get("c")), str(row.get("k"))) for row in found]
        return [one for one in places if one[0] in tables]

    def close(self) -> None:
        """Close the connections; the next statement opens a new one."""
        self._reader.close()
        if self._writer:
            self._writer.close()

    def _writing(self) -> Session:
        if self._writer is None:
            made = self._call("db.writer")
            self._writer = Session({**self._access, **made}, self._clock)
        self._last = self._writer
        return self._writer

    def _run(self, session: Session, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        try:
            try:
                return self._ask(session, sql, args)
            except Lost:  # the server was restarted since
                return self._ask(session, sql, args)
        except Lost as error:
            raise self._gone(error) from error
        except pymysql.err.MySQLError as error:
            said = error.args[1] if len(error.args) > 1 else error
            msg = f"{self.product} refused the grader's look into your database: {said}."
            raise Mismatch(msg) from error
        except (RuntimeError, AssertionError, ValueError, IndexError, struct.error) as error:
            if isinstance(error, Mismatch):
                raise
            # the driver takes what comes for well-formed; a server of ours never sends such things
            msg = f"What answers in {self.product}'s place is no {self.product} server: {error}"
            raise Mismatch(msg) from error

    def _ask(self, session: Session, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        if self._own:
            self._choose(session)
        return session.run(sql, args)

    def _choose(self, session: Session) -> None:
        """Use the database that holds the submission's tables, wherever its service made them."""
        if not session.open:
            self._chosen = ""
        given = str(self._access["database"])
        found = {str(row.get("name")): int(row.get("used", 0)) for row in session.run(SCHEMAS)}
        used = sorted(name for name, tables in found.items() if tables)
        chosen = given if given in used or not used else used[0]
        if chosen in found and chosen != self._chosen:
            session.select(chosen)
            self._chosen = chosen

    def _gone(self, error: Exception) -> Exception:
        """Return whose fault it is that the server, perhaps the submission's, is not reached."""
        if self._own:
            return Mismatch(
                f"The {self.product} service of your Compose file does not answer: {error}"
            )
        try:
            self._call("db.require_running")
        except Mismatch as mismatch:
            return mismatch
        return PlatformFault(f"the grader's own connection to {self.product} failed: {error}")
