"""All of a MySQL server that outlives a run's schemas and accounts, to be compared.

The server's own tables are read, never a schema of a student's: those are gone by then. Nobody but
the server writes files: it has no folder to export to (`secure_file_priv` is NULL and fixed at its
start), and where it writes its logs is among its variables. The texts that HELP shows are left out,
as nothing else reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pymysql import Connection

RIGHTS = (
    "user", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv", "global_grants",
    "role_edges", "default_roles", "password_history",
)  # fmt: skip
"""The tables that say who may do what: compared row by row."""
SETTINGS = (
    # what is loaded into the server
    "component", "func", "plugin",
    # where it connects to by itself
    "servers", "slave_master_info", "slave_relay_log_info", "slave_worker_info",
    "replication_asynchronous_connection_failover",
    "replication_asynchronous_connection_failover_managed",
    "replication_group_configuration_version", "replication_group_member_actions",
    # how it plans and reckons
    "server_cost", "engine_cost", "time_zone", "time_zone_leap_second", "time_zone_name",
    "time_zone_transition", "time_zone_transition_type",
)  # fmt: skip
"""Other tables of the server's own: compared by their checksums."""
ROWS = "SELECT * FROM mysql.`{}` LIMIT 1000"
"""None of the server's own tables has as many."""
DIGEST = "SELECT COUNT(*), SHA2(GROUP_CONCAT(CONCAT_WS('|', {0}) ORDER BY {0} SEPARATOR '\n'), 256)"


def digest(source: str, *columns: str) -> str:
    """Return a statement that gives one row for all those of `source`."""
    return f"{DIGEST.format(', '.join(columns))} FROM {source}"


STATEMENTS = {
    **{f"mysql.{name}": ROWS.format(name) for name in RIGHTS},
    "settings": f"CHECKSUM TABLE {', '.join(f'mysql.`{name}`' for name in SETTINGS)}",
    "general log": ROWS.format("general_log"),
    "slow log": ROWS.format("slow_log"),
    "schemas": "SHOW DATABASES",
    "tables and views": digest(
        "information_schema.tables "
        "WHERE table_schema NOT IN ('information_schema', 'performance_schema')",
        "table_schema", "table_name", "table_type", "engine", "create_time",
    ),
    "routines": digest(
        "information_schema.routines",
        "routine_schema", "routine_name", "routine_type", "definer", "security_type", "created",
        "last_altered",
    ),
    "triggers": "SELECT trigger_schema, trigger_name, definer, created, action_statement "
    "FROM information_schema.triggers",
    "events": "SELECT event_schema, event_name, definer, status, created, last_altered "
    "FROM information_schema.events",
    "variables": digest(
        "performance_schema.global_variables "
        "WHERE variable_name NOT IN ('timestamp', 'gtid_executed', 'gtid_purged')",
        "variable_name", "variable_value",
    ),
    "persisted variables": "SELECT variable_name, variable_value "
    "FROM performance_schema.persisted_variables",
    "loaded functions": "SELECT * FROM performance_schema.user_defined_functions",
    "plugins": "SHOW PLUGINS",
    "replication filters": "SELECT * FROM performance_schema.replication_applier_global_filters",
    "resource groups": "SELECT * FROM information_schema.resource_groups",
    "tablespaces": "SELECT name, state FROM information_schema.innodb_tablespaces",
    "redo log": "SHOW GLOBAL STATUS LIKE 'Innodb_redo_log_enabled'",
    "prepared transactions": "XA RECOVER",
    "sessions": "SELECT DISTINCT user FROM information_schema.processlist "
    "WHERE id <> CONNECTION_ID()",
}  # fmt: skip
"""A statement for each part of the state, by what the part is called."""


@dataclass(frozen=True)
class ServerState:
    """What each part of a server came to."""

    parts: dict[str, frozenset[tuple[Any, ...]]]


def state(connection: Connection[Any], statements: Mapping[str, str] = STATEMENTS) -> ServerState:
    """Return the state of a server, as `statements` tell it.

    `connection` is its administrator's and takes several statements at a time: with a round trip
    for each it would take three times as long.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION group_concat_max_len = 16777216")
        cursor.execute(";\n".join(statements.values()))
        parts = {}
        for what in statements:
            parts[what] = frozenset(cursor.fetchall())
            cursor.nextset()
    return ServerState(parts)


def difference(before: ServerState, after: ServerState) -> str:
    """Return what parts of two states differ, and no value; empty where none does."""
    return ", ".join(what for what in before.parts if before.parts[what] != after.parts[what])
