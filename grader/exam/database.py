"""The `db` fixture: the grader's own connection to the submission's database."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pymysql
from pymysql.cursors import DictCursor

from grader.deadline.mysql import open_mysql, ran_out
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.wire import Caller

CONNECT_SECONDS = 5
READ_SECONDS = 20
SCHEMAS = """
SELECT s.schema_name AS name, COUNT(t.table_name) AS used
FROM information_schema.schemata s
LEFT JOIN information_schema.tables t ON t.table_schema = s.schema_name
WHERE s.schema_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
GROUP BY s.schema_name
"""
"""Every schema that is not MySQL's own, with the number of its tables."""
LOST = {2002, 2003, 2006, 2013}
"""Client errors that mean the connection is gone (MySQL's error reference)."""


@dataclass
class Counter:
    """Statements that the server ran within a block."""

    count: int = 0


@dataclass
class Logins:
    """The accounts that were used within a block, over the network or not."""

    users: set[str] = field(default_factory=set)
    """Filled in at the block's end: names without their hosts."""


class Database:
    """A connection that sees what any other connection sees: only what is committed."""

    def __init__(self, caller: Caller, access: dict[str, Any]) -> None:
        self._call = caller
        self._access = access
        self._connection: pymysql.Connection[DictCursor] | None = None
        self._chosen = ""
        self.disturbed = False
        """Whether MySQL was stopped during the present test."""

    @property
    def name(self) -> str:
        """The name of the submission's database.

        The one that was made for it; where that is none, or is empty while another holds tables,
        the other.
        """
        if not self._access["own"]:
            return str(self._access["database"])
        self.rows("DO 0")  # connects, which chooses
        return self._chosen

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows that `sql` gives, each a dict by column.

        A statement that MySQL refuses (no such table, say) fails the criterion.
        """
        try:
            return self._run(sql, args)
        except pymysql.err.OperationalError as error:
            if error.args[0] not in LOST:
                raise _refused(error) from error
            self.close()
            if ran_out(error):
                raise self._gone(error) from error
            # the server was restarted since
            try:
                return self._run(sql, args)
            except pymysql.err.OperationalError as again:
                raise self._gone(again) from again
        except pymysql.err.MySQLError as error:
            raise _refused(error) from error
        except (RuntimeError, AssertionError, ValueError, IndexError, struct.error) as error:
            # the driver takes what comes for well-formed; a server of ours never sends such things
            msg = f"What answers in MySQL's place is no MySQL server: {error}"
            raise Mismatch(msg) from error

    def _gone(self, error: Exception) -> Exception:
        """Whose fault it is that MySQL cannot be reached: it may be the submission's own."""
        if self._access["own"]:
            return Mismatch(f"The MySQL service of your Compose file does not answer: {error}")
        return PlatformFault(f"the grader's own connection to MySQL failed: {error}")

    def value(self, sql: str, args: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None where there is no row."""
        found = self.rows(sql, args)
        return next(iter(found[0].values())) if found else None

    def tables(self) -> list[str]:
        """The names of the submission's tables, sorted."""
        sql = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = %s"
        return sorted(row["name"] for row in self.rows(sql, [self.name]))

    def column(self, table: str, name: str) -> list[Any]:
        """Every value of a column."""
        sql = f"SELECT {quoted(name)} AS v FROM {quoted(table)}"  # noqa: S608 - quoted
        return [row["v"] for row in self.rows(sql)]

    def find(self, value: str) -> list[tuple[str, str]]:
        """Every `(table, column)` that holds exactly the text `value`, to the letter."""
        sql = (
            "SELECT table_name AS t, column_name AS c FROM information_schema.columns "
            "WHERE table_schema = %s AND data_type IN "
            "('char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'json')"
        )
        found = []
        for place in self.rows(sql, [self.name]):
            condition = f"CAST({quoted(place['c'])} AS BINARY) = CAST(%s AS BINARY)"
            query = f"SELECT COUNT(*) AS n FROM {quoted(place['t'])} WHERE {condition}"  # noqa: S608
            if self.value(query, [value]):
                found.append((place["t"], place["c"]))
        return found

    def restart(self) -> None:
        """Kill MySQL (SIGKILL) and start it; returns when it is ready. What was committed stays."""
        self.close()
        self.disturbed = True
        self._call("db.restart")

    @contextmanager
    def outage(self) -> Iterator[None]:
        """MySQL is stopped within the block, and ready again after it."""
        self.close()
        self.disturbed = True
        self._call("db.stop")
        try:
            yield
        finally:
            self._call("db.start")

    @contextmanager
    def queries(self) -> Iterator[Counter]:
        """Count the statements that the server runs within the block, ours left out."""
        counter = Counter()
        self._call("db.alone")
        before = self._questions()
        yield counter
        counter.count = self._questions() - before - 1

    @contextmanager
    def logins(self) -> Iterator[Logins]:
        """Note which accounts log in within the block, the grader's own left out."""
        found = Logins()
        self._call("db.alone")
        for statement in (
            "SET GLOBAL log_output = 'TABLE'", "TRUNCATE TABLE mysql.general_log",
            "SET GLOBAL general_log = ON",
        ):  # fmt: skip
            self.rows(statement)
        try:
            yield found
        finally:
            self.rows("SET GLOBAL general_log = OFF")
        rows = self.rows(
            "SELECT DISTINCT CASE command_type WHEN 'Connect' THEN CONVERT(argument USING utf8mb4) "
            "ELSE CONVERT(user_host USING utf8mb4) END AS who FROM mysql.general_log"
        )
        found.users = _accounts([str(row["who"]) for row in rows]) - {str(self._access["user"])}

    def _questions(self) -> int:
        rows = self.rows("SHOW GLOBAL STATUS LIKE 'Questions'")
        return int(rows[0]["Value"])

    def close(self) -> None:
        """Close the connection; the next query opens a new one."""
        if self._connection is not None:
            try:
                self._connection.close()
            except pymysql.err.MySQLError:
                pass  # it was gone already
            self._connection = None

    def _run(self, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        connection = self._connect()
        if self._access["own"]:
            self._choose(connection)
        with connection.cursor() as cursor:
            cursor.execute(sql, list(args) or None)
            return list(cursor.fetchall())

    def _choose(self, connection: pymysql.Connection[DictCursor]) -> None:
        """Use the database that holds the submission's tables, wherever its service made them."""
        given = str(self._access["database"])
        with connection.cursor() as cursor:
            cursor.execute(SCHEMAS)
            found = {str(row["name"]): int(row["used"]) for row in cursor.fetchall()}
        used = sorted(name for name, tables in found.items() if tables)
        chosen = given if given in used or not used else used[0]
        if chosen in found and chosen != self._chosen:
            connection.select_db(chosen)
            self._chosen = chosen

    def _connect(self) -> pymysql.Connection[DictCursor]:
        if self._connection is None:
            self._chosen = ""
            access = self._access
            self._connection = open_mysql(
                (access["host"], access["port"]), login=CONNECT_SECONDS, statement=READ_SECONDS,
                user=access["user"], password=access["password"], charset="utf8mb4",
                database=None if access["own"] else access["database"],
                autocommit=True, cursorclass=DictCursor,
            )  # fmt: skip
        return self._connection


def _accounts(lines: Sequence[str]) -> set[str]:
    """Account names in what the general log says of who ran a statement or who connected.

    Such as `app[app] @  [172.18.0.3]` and `app@172.18.0.3 on board using TCP/IP`. Connections from
    within the server's own container (health checks) are no app's.
    """
    found = set()
    for line in lines:
        if "localhost" in line or "127.0.0.1" in line or "Access denied" in line:
            continue
        name = line.partition("[")[0] if "[" in line else line.partition("@")[0]
        if name.strip():
            found.add(name.strip())
    return found


def quoted(name: str) -> str:
    """`name` as a MySQL identifier."""
    return f"`{name.replace('`', '``')}`"


def _refused(error: pymysql.err.MySQLError) -> Mismatch:
    said = error.args[1] if len(error.args) > 1 else error
    return Mismatch(f"MySQL refused the grader's look into your database: {said}.")
