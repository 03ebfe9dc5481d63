"""What is asked of a MySQL server as its administrator while an app is examined.

Counters, the log of logins, the names of a schema's objects: nothing of a student's is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from grader.services.mysql.access import AdministeredMySql
from grader.services.mysql.connection import connected, rows
from grader.text import clip

if TYPE_CHECKING:
    from pymysql import Connection

MOST_LINES = 5000
"""Different lines of the log of logins that are read."""
MOST_NAMES = 200
"""Objects of a schema that are listed."""
NAMED = 8
"""Objects of a schema that a note names."""
SHOWN = 40
"""Characters of each name that it shows."""
LOGINS = """
SELECT DISTINCT CASE command_type WHEN 'Connect' THEN CONVERT(argument USING utf8mb4)
ELSE CONVERT(user_host USING utf8mb4) END FROM mysql.general_log LIMIT %s
"""
OBJECTS = """
(SELECT 'view', table_name FROM information_schema.tables
WHERE table_schema = %s AND table_type = 'VIEW' LIMIT %s)
UNION ALL (SELECT LOWER(routine_type), routine_name FROM information_schema.routines
WHERE routine_schema = %s LIMIT %s)
UNION ALL (SELECT 'trigger', trigger_name FROM information_schema.triggers
WHERE trigger_schema = %s LIMIT %s)
UNION ALL (SELECT 'event', event_name FROM information_schema.events
WHERE event_schema = %s LIMIT %s)
"""
RAN = re.compile(r"(?P<user>[^\[]*)\[.*\] @ (?P<host>\S*) \[(?P<address>[^\]]*)\]")
"""Who ran a statement, such as `app[app] @  [172.18.0.3]`."""
CAME = re.compile(r"(?P<user>[^@]*)@(?P<host>\S*) on ")
"""Who connected, such as `app@172.18.0.3 on shop using TCP/IP`."""
LOCAL = {"localhost", "127.0.0.1", "::1"}


@dataclass
class Observer:
    """What a suite has noted on one server; each method raises `PlatformError`."""

    server: AdministeredMySql
    address: tuple[str, int]
    _counting: AbstractContextManager[Connection[Any]] | None = field(default=None, init=False)
    _connection: Connection[Any] | None = field(default=None, init=False)
    _before: int = field(default=0, init=False)

    def begin_count(self) -> None:
        """Count the statements that the server runs from now on."""
        self.close()
        self._counting = connected(self.server, self.address)
        self._connection = self._counting.__enter__()
        self._before = _questions(self._connection)

    def end_count(self) -> int:
        """Return how many there were since `begin_count`, the grader's own left out."""
        assert self._counting is not None
        assert self._connection is not None
        try:
            count = _questions(self._connection) - self._before - 1
        except Exception as error:
            self._counting.__exit__(type(error), error, error.__traceback__)  # says what it means
            raise
        self.close()
        return count

    def close(self) -> None:
        """Count no more."""
        counting, self._counting, self._connection = self._counting, None, None
        if counting:
            counting.__exit__(None, None, None)

    def begin_logins(self) -> None:
        """Note from now on who logs in, in a table of the server's own."""
        with connected(self.server, self.address) as connection:
            for statement in (
                "SET GLOBAL log_output = 'TABLE'", "TRUNCATE TABLE mysql.general_log",
                "SET GLOBAL general_log = ON",
            ):  # fmt: skip
                rows(connection, statement)

    def end_logins(self) -> list[str]:
        """Return the accounts that were used since, the grader's own left out, sorted."""
        server, access = self.server, self.server.access
        with connected(server, self.address) as connection:
            rows(connection, "SET GLOBAL general_log = OFF")
            found = logins([str(who) for (who,) in rows(connection, LOGINS, MOST_LINES)])
        ours = {one.user for one in (access.reader, server.writer) if one}
        return sorted(found - ours - {access.admin})


def _questions(connection: Connection[Any]) -> int:
    return int(rows(connection, "SHOW GLOBAL STATUS LIKE 'Questions'")[0][1])


def logins(lines: Sequence[str]) -> set[str]:
    """Return the account names in what the general log says of who ran something or connected.

    Connections from within the server's own container (health checks) are no app's, and who was
    refused has not logged in.
    """
    found = set()
    for line in lines:
        if line.startswith("Access denied"):
            continue
        who = RAN.fullmatch(line) or CAME.match(line)
        if who is None or not who["user"].strip():
            continue
        if not LOCAL & {who["host"], who.groupdict().get("address", "")}:
            found.add(who["user"].strip())
    return found


def objects(
    server: AdministeredMySql, address: tuple[str, int], schema: str
) -> list[tuple[str, str]]:
    """Return kind and name of what `schema` holds alongside tables, sorted.

    Kinds are view, procedure, function, trigger and event, at most 200 of each. Names alone are
    read, out of the server's dictionary. Raises `PlatformError`.
    """
    with connected(server, address) as connection:
        found = rows(connection, OBJECTS, *[schema, MOST_NAMES] * 4)
    return sorted((_text(kind), _text(name)) for kind, name in found)


def noted_objects(
    server: AdministeredMySql, address: tuple[str, int], schema: str
) -> tuple[str, ...]:
    """Return a sentence on what `schema` holds alongside tables; none where it holds nothing.

    Raises `PlatformError`.
    """
    held = objects(server, address, schema)
    if not held:
        return ()
    shown = [f"{kind} {clip(name, SHOWN)}" for kind, name in held[:NAMED]]
    more = [f"{len(held) - NAMED} more"] * (len(held) > NAMED)
    said = f"The database holds more than tables: {', '.join([*shown, *more])}."
    return (f"{said} None of it counts as data that the app keeps.",)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
