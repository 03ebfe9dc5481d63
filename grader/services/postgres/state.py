"""All of a PostgreSQL server that outlives a run's databases and roles, to be compared.

Every table of the server's own is part of it, by where each row lies and which transaction wrote
it: whatever was changed in one is seen, even where it was changed back. What the server writes by
itself (statistics, how far it has cleaned up) leaves both as they are, or stands in the tables that
are left out. New databases are made from `template0`, which nobody can connect to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.services.postgres.connection import rows, statement

if TYPE_CHECKING:
    from grader.deadline.postgres import PostgresConnection

CATALOGS = """
SELECT c.relname::text FROM pg_catalog.pg_class c
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r'
AND c.relname NOT IN ('pg_statistic', 'pg_statistic_ext_data') ORDER BY 1
"""
"""The server's own tables, those left out that it fills by itself."""
ROWS = """
SELECT pg_catalog.count(*), pg_catalog.md5(COALESCE(pg_catalog.string_agg(
    t.ctid::text || ' ' || t.xmin::text, ',' ORDER BY t.ctid), '')) FROM pg_catalog.{} t
"""
STATEMENTS = {
    "settings": "SELECT name, setting, reset_val, source, sourcefile, pending_restart "
    "FROM pg_catalog.pg_settings WHERE name NOT IN ('search_path', 'statement_timeout', "
    "'lock_timeout', 'transaction_read_only')",
    "settings of files": "SELECT sourcefile, name, setting, applied "
    "FROM pg_catalog.pg_file_settings",
    "rules for log-ins": "SELECT type, database::text, user_name::text, address, "
    "auth_method, error FROM pg_catalog.pg_hba_file_rules",
    "files": "SELECT folder, name FROM (VALUES ('.'), ('base'), ('global'), ('pg_tblspc'), "
    "('pg_replslot'), ('pg_twophase'), ('pg_logical'), ('/tmp'), ('/var/tmp'), ('/dev/shm'), "
    "('/var/run/postgresql'), ('/var/lib/postgresql')) AS f (folder), "
    "LATERAL pg_catalog.pg_ls_dir(folder, true, false) AS name "
    "WHERE name !~ '^(postmaster\\..*|pg_internal\\.init.*|pgsql_tmp|[0-9]+_(fsm|vm)|"
    "PostgreSQL\\.[0-9]+)$'",
    "files of settings": "SELECT name, pg_catalog.md5(pg_catalog.pg_read_file(name)) "
    "FROM (VALUES ('postgresql.auto.conf'), ('postgresql.conf'), ('pg_hba.conf'), "
    "('pg_ident.conf'), ('/usr/local/share/grader-postgres/grader.conf'), "
    "('/usr/local/share/grader-postgres/grader-hba.conf')) AS f (name)",
    "replication slots": "SELECT slot_name FROM pg_catalog.pg_replication_slots",
    "replication": "SELECT pid FROM pg_catalog.pg_stat_replication",
    "prepared transactions": "SELECT gid FROM pg_catalog.pg_prepared_xacts",
    "sessions": "SELECT DISTINCT usename, datname FROM pg_catalog.pg_stat_activity "
    "WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()",
    "locks": "SELECT locktype, objid FROM pg_catalog.pg_locks WHERE locktype = 'advisory'",
}
"""A statement for each part of the state that is not one of the server's tables."""


@dataclass(frozen=True)
class PostgresState:
    """What each part of a server came to."""

    parts: dict[str, frozenset[tuple[Any, ...]]]


def state(connection: PostgresConnection) -> PostgresState:
    """Return the state of a server; `connection` is its administrator's."""
    names = [name for (name,) in rows(connection, CATALOGS)]
    parts = {name: frozenset(rows(connection, statement(ROWS, name))) for name in names}
    parts |= {what: frozenset(rows(connection, sql)) for what, sql in STATEMENTS.items()}
    return PostgresState(parts)


def difference(before: PostgresState, after: PostgresState) -> str:
    """Return what parts of two states differ, and no value; empty where none does."""
    both = [*before.parts, *(one for one in after.parts if one not in before.parts)]
    return ", ".join(what for what in both if before.parts.get(what) != after.parts.get(what))
