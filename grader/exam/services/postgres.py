"""The `db` fixture on PostgreSQL: the grader's own look into the submission's database."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import psycopg

from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.protocol import Caller
from grader.exam.services.postgres_session import PostgresSession, refusal
from grader.exam.services.sql import only_reads
from grader.exam.services.sql_database import SqlDatabase
from grader.exam.services.sql_limits import Lost

TABLES = """
SELECT n.nspname::text AS s, c.relname::text AS t FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_'
AND n.nspname <> 'information_schema' ORDER BY n.nspname <> 'public', n.nspname, c.relname
"""
"""Every table that the student has made, a partition of one left out."""
COLUMNS = """
SELECT n.nspname::text AS s, c.relname::text AS t, a.attname::text AS c,
    y.typnamespace = 'pg_catalog'::regnamespace AND y.typname = ANY (%s) AS texts
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type d ON d.oid = a.atttypid
JOIN pg_catalog.pg_type y ON y.oid = CASE d.typtype WHEN 'd' THEN d.typbasetype ELSE d.oid END
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_'
AND n.nspname <> 'information_schema' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY n.nspname <> 'public', n.nspname, c.relname, a.attnum
"""
TEXTS = ["text", "varchar", "bpchar", "name", "json", "jsonb", "uuid"]
"""Types whose texts are searched: the server's own, so that no cast of the student's runs."""
HOLDS = (
    'pg_catalog.bool_or(CAST({} AS pg_catalog.text) COLLATE pg_catalog."C" '
    "OPERATOR(pg_catalog.=) CAST(%s AS pg_catalog.text)) AS c{}"
)


class PostgresDatabase(SqlDatabase):
    """The submission's database; what is read is what any other connection sees.

    Tables of all its schemas count; one of another schema than `public` is named after it
    (`sales.orders`).
    """

    def __init__(self, caller: Caller, told: dict[str, Any]) -> None:
        """`told`: as `PostgresSession` takes it, with `account`."""
        super().__init__(caller, told)
        self._reader = PostgresSession(told, self._clock)
        self._writer: PostgresSession | None = None

    @property
    def name(self) -> str:
        """The name of the submission's database."""
        return str(self._told["database"])

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Run `sql` and return its rows, each a dict by column."""
        return self._run(self._reading() if only_reads(sql) else self._writing(), sql, args)

    def tables(self) -> list[str]:
        """Return the names of the submission's tables, sorted; views are none."""
        return sorted(_full(row["s"], row["t"]) for row in self._own(TABLES))

    def column(self, table: str, name: str) -> list[Any]:
        """Return every value of a column."""
        sql = f"SELECT {quoted(name)} AS v FROM {self._quoted(table)}"  # noqa: S608 - quoted
        return [row.get("v") for row in self.rows(sql)]

    def records(self, table: str) -> list[dict[str, Any]]:
        """Return every row of a table with all of its columns."""
        known = [row["c"] for row in self._columns() if _full(row["s"], row["t"]) == table]
        listed = ", ".join(map(quoted, known))
        sql = f"SELECT {listed} FROM {self._quoted(table)}"  # noqa: S608 - quoted
        return self.rows(sql) if known else []

    def find(self, value: str) -> list[tuple[str, str]]:
        """Return every `(table, column)` that holds exactly the text `value`, to the letter."""
        if "\0" in value:
            return []  # PostgreSQL holds no such text
        places = [row for row in self._columns() if row["texts"]]
        found = []
        for (schema, table), group in groupby(places, key=lambda row: (row["s"], row["t"])):
            names = [row["c"] for row in group]
            conditions = ", ".join(
                HOLDS.format(quoted(name).replace("%", "%%"), at) for at, name in enumerate(names)
            )
            whole = f"{quoted(schema)}.{quoted(table)}".replace("%", "%%")
            query = f"SELECT {conditions} FROM {whole}"  # noqa: S608 - quoted
            held = next(iter(self._own(query, [value] * len(names))), {})
            place = _full(schema, table)
            found += [(place, name) for at, name in enumerate(names) if held.get(f"c{at}")]
        return found

    def write(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Change rows, and return the number that a sequence gave to a new one."""
        session = self._writing()
        self._run(session, sql, args)
        return session.inserted

    def close(self) -> None:
        """Close the connections; the next statement opens a new one."""
        self._reader.close()
        if self._writer:
            self._writer.close()

    def _columns(self) -> list[dict[str, Any]]:
        """Return schema, table and name of each column of a table, and whether it holds texts."""
        return self._own(COLUMNS, [TEXTS])

    def _quoted(self, table: str) -> str:
        """Return a table as a statement has it, by the name that `tables` gives or any other."""
        for row in self._own(TABLES):
            if _full(row["s"], row["t"]) == table:
                return f"{quoted(row['s'])}.{quoted(row['t'])}"
        return quoted(table)

    def _own(self, sql: str, args: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Run a statement of the grader's that finds no name of the student's by itself."""
        return self._run(self._reading(), sql, args, own=True)

    def _reading(self) -> PostgresSession:
        return self._reader

    def _writing(self) -> PostgresSession:
        if self._writer is None:
            made = self._call("db.writer")
            self._writer = PostgresSession({**self._told, **made}, self._clock, writes=True)
        return self._writer

    def _run(
        self, session: PostgresSession, sql: str, args: Sequence[Any], *, own: bool = False
    ) -> list[dict[str, Any]]:
        try:
            try:
                return session.run(sql, args, own=own)
            except Lost:  # the server was restarted since
                return session.run(sql, args, own=own)
        except Lost as error:
            raise self._gone(error) from error
        except psycopg.Error as error:
            raise refusal(error) from error
        except (ValueError, OverflowError) as error:
            msg = f"Your database holds what the grader cannot read: {error}"
            raise Mismatch(msg) from error

    def _gone(self, error: Lost) -> Exception:
        """Return whose fault it is that PostgreSQL cannot be reached."""
        try:
            self._call("db.require_running")
        except Mismatch as mismatch:
            return mismatch
        if error.asked:
            msg = f"PostgreSQL ended the grader's look into your database, twice: {error}"
            return Mismatch(msg)
        return PlatformFault(f"the grader's own connection to PostgreSQL failed: {error}")


def quoted(name: str) -> str:
    """Return `name` as a PostgreSQL identifier."""
    return '"{}"'.format(name.replace('"', '""'))


def _full(schema: str, table: str) -> str:
    return table if schema == "public" else f"{schema}.{table}"
