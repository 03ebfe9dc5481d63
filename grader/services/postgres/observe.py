"""What is asked of a PostgreSQL server while an app is examined: counters, log-ins, names.

Counters are the administrator's to read. The names of a database's objects are read as the grader's
reader, out of the server's own tables: nothing of a student's is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.services.base import Address, Unobservable
from grader.services.postgres.access import LOCAL, AdministeredPostgres
from grader.services.postgres.connection import connected, rows
from grader.text import clip
from grader.waiting import wait_until

if TYPE_CHECKING:
    from grader.deadline.postgres import PostgresConnection

MOST_NAMES = 200
"""Objects of each kind that are listed."""
NAMED = 8
"""Objects that a note names."""
SHOWN = 40
"""Characters of each name that it shows."""
CALLS = """
SELECT COALESCE(SUM(s.calls), 0) FROM public.pg_stat_statements(false) s
JOIN pg_catalog.pg_database d ON d.oid = s.dbid JOIN pg_catalog.pg_roles r ON r.oid = s.userid
WHERE d.datname = %s AND r.rolname <> ALL (%s)
"""
"""How often statements ran; their texts, which may be of any size, are not read for it."""
LOST = "SELECT dealloc, stats_reset::text FROM public.pg_stat_statements_info"
"""How often the server has dropped counts of statements, and since when it counts."""
TOO_MANY = (
    "How many statements your app runs could not be counted: it ran so many different ones that "
    "PostgreSQL dropped the counts of some (it keeps those of 10,000). Run the same statement "
    "again with other parameters, in the place of a new one each time."
)
RESTARTED = (
    "How many statements your app runs could not be counted: PostgreSQL crashed meanwhile, and its "
    "counts were gone. Read the database's log, and run by itself the statement that ends it."
)
OBJECTS = """
WITH theirs AS (
    SELECT n.oid FROM pg_catalog.pg_namespace n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
), of_extensions AS (
    SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
)
(SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, c.relname::text
 FROM pg_catalog.pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace IN (TABLE theirs)
 AND ('pg_catalog.pg_class'::regclass, c.oid) NOT IN (TABLE of_extensions) LIMIT :most)
UNION (SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function'
 END, p.proname::text FROM pg_catalog.pg_proc p WHERE p.pronamespace IN (TABLE theirs)
 AND ('pg_catalog.pg_proc'::regclass, p.oid) NOT IN (TABLE of_extensions) LIMIT :most)
UNION (SELECT 'trigger', t.tgname::text FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal
 LIMIT :most)
UNION (SELECT 'rule', w.rulename::text FROM pg_catalog.pg_rewrite w
 JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
 WHERE c.relnamespace IN (TABLE theirs) AND w.rulename <> '_RETURN' LIMIT :most)
UNION (SELECT 'policy', p.polname::text FROM pg_catalog.pg_policy p LIMIT :most)
UNION (SELECT 'operator', o.oprname::text FROM pg_catalog.pg_operator o
 WHERE o.oprnamespace IN (TABLE theirs)
 AND ('pg_catalog.pg_operator'::regclass, o.oid) NOT IN (TABLE of_extensions) LIMIT :most)
UNION (SELECT 'large object', l.oid::text FROM pg_catalog.pg_largeobject_metadata l LIMIT :most)
ORDER BY 1, 2
""".replace(":most", str(MOST_NAMES))
LOG_SECONDS = 3.0
"""How long the log may take to tell of a log-in."""
CAME = re.compile(
    r"\S+ \S+ \S+ (?P<host>\S+) authentication LOG:  connection authorized: user=(?P<user>\S+) "
)
"""A log-in. No statement of an app's can make the log say `authentication` there."""


@dataclass(frozen=True, kw_only=True)
class _Count:
    """What a server has counted until a moment."""

    calls: int
    lost: tuple[int, str]
    """What `LOST` gives."""


@dataclass
class PostgresObserver:
    """What a suite has noted on one server; each method raises `PlatformError`."""

    server: AdministeredPostgres
    address: Address
    _before: _Count | None = field(default=None, init=False)
    _logged: frozenset[str] = field(default=frozenset(), init=False)

    def begin_count(self) -> None:
        """Count the statements that run in the app's database from now on."""
        server = self.server
        with connected(server, self.address) as connection:
            lost = _lost(connection)  # first: what is dropped after it is seen at the end
            self._before = _Count(calls=_calls(connection, server), lost=lost)

    def end_count(self) -> int:
        """Return how many there were since `begin_count`, the grader's own left out.

        Raises `Unobservable` where the server has dropped some of the counts meanwhile.
        """
        assert self._before is not None
        server = self.server
        with connected(server, self.address) as connection:
            calls = _calls(connection, server)
            dropped, since = _lost(connection)
        if since != self._before.lost[1]:
            raise Unobservable(RESTARTED)
        if dropped != self._before.lost[0]:
            raise Unobservable(TOO_MANY)
        return calls - self._before.calls

    def begin_logins(self) -> None:
        """Note from now on who logs in."""
        self._logged = frozenset(self.server.entries())

    def end_logins(self) -> list[str]:
        """Return the roles that were used since, the grader's own left out, sorted."""
        with connected(self.server, self.address) as connection:
            own = int(rows(connection, "SELECT pg_backend_pid()")[0][0])
        wait_until(lambda: self._has_told(own), within=LOG_SECONDS)
        new = [line for line in self.server.entries() if line not in self._logged]
        return sorted(logins(new) - {*_own(self.server)})

    def _has_told(self, process: int) -> bool:
        """Return whether the log has come to the log-in that `process` of the server answers.

        The engine copies what a container prints a moment later.
        """
        return any(f"/{process}/" in line and CAME.match(line) for line in self.server.entries())


def _calls(connection: PostgresConnection, server: AdministeredPostgres) -> int:
    found = rows(connection, CALLS, server.access.database, _own(server))
    return int(found[0][0])


def _lost(connection: PostgresConnection) -> tuple[int, str]:
    ((dropped, since),) = rows(connection, LOST)
    return int(dropped), str(since)


def _own(server: AdministeredPostgres) -> list[str]:
    """Return the grader's own roles."""
    return [one.user for one in (server.admin, server.access.reader, server.writer) if one]


def logins(lines: Iterable[str]) -> set[str]:
    """Return the roles that the `lines` of a server's log say have logged in over the network."""
    found = map(CAME.match, lines)
    return {one["user"] for one in found if one and one["host"] not in LOCAL}


def objects(server: AdministeredPostgres, address: Address) -> list[tuple[str, str]]:
    """Return kind and name of what the run's database holds alongside tables, sorted.

    At most 200 of each kind. Raises `PlatformError`.
    """
    access = server.access
    with connected(server, address, access.database, account=access.reader) as connection:
        return [(str(kind), str(name)) for kind, name in rows(connection, OBJECTS)]


def noted_objects(server: AdministeredPostgres, address: Address) -> tuple[str, ...]:
    """Return a sentence on what `objects` gives; none where it gives nothing.

    Raises `PlatformError`.
    """
    held = objects(server, address)
    if not held:
        return ()
    shown = [f"{kind} {clip(name, SHOWN)}" for kind, name in held[:NAMED]]
    more = [f"{len(held) - NAMED} more"] * (len(held) > NAMED)
    said = f"The database holds more than tables: {', '.join([*shown, *more])}."
    return (f"{said} None of it counts as data that the app keeps.",)
