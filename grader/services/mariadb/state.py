"""All of a MariaDB server that outlives a run's schemas and accounts, to be compared.

The server's own tables are read, never a schema of a student's: those are gone by then. Routines,
events, loaded functions and plug-ins stand in such tables, and are compared by their checksums.
Nobody but the server writes files: it has no folder to export to (`secure_file_priv` names one
that nobody can write to) and takes no table's folder from anybody (`have_symlink`); both are fixed
at its start and among its variables.
"""

from __future__ import annotations

from grader.services.mysql.state import ROWS, digest

RIGHTS = (
    "global_priv", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv",
    "roles_mapping",
)  # fmt: skip
"""The tables that say who may do what: compared row by row."""
OWN_TABLES = {
    "routines": ("proc",),
    "events": ("event",),
    "loaded functions": ("func",),
    "plugins": ("plugin",),
    "settings": (
        # where it connects to by itself
        "servers", "gtid_slave_pos",
        # how it plans and reckons
        "time_zone", "time_zone_leap_second", "time_zone_name", "time_zone_transition",
        "time_zone_transition_type",
    ),
}  # fmt: skip
"""Other tables of the server's own: compared by their checksums."""


def _checksums(*tables: str) -> str:
    return f"CHECKSUM TABLE {', '.join(f'mysql.`{name}`' for name in tables)}"


STATEMENTS = {
    **{f"mysql.{name}": ROWS.format(name) for name in RIGHTS},
    **{what: _checksums(*tables) for what, tables in OWN_TABLES.items()},
    "general log": ROWS.format("general_log"),
    "slow log": ROWS.format("slow_log"),
    "schemas": "SHOW DATABASES",
    # by name alone: for more of them each would be opened
    "tables and views": digest(
        "information_schema.tables "
        "WHERE table_schema NOT IN ('information_schema', 'performance_schema')",
        "table_schema", "table_name",
    ),
    "triggers": "SELECT trigger_schema, trigger_name, definer, created, action_statement "
    "FROM information_schema.triggers",
    "variables": digest(
        "information_schema.global_variables "
        "WHERE variable_name NOT IN ('TIMESTAMP', 'GTID_BINLOG_POS', 'GTID_CURRENT_POS')",
        "variable_name", "variable_value",
    ),
    "loaded plugins": "SELECT plugin_name, plugin_status, plugin_library "
    "FROM information_schema.plugins",
    "tablespaces": "SELECT name FROM information_schema.innodb_sys_tablespaces",
    "replication": "SHOW ALL SLAVES STATUS",
    "prepared transactions": "XA RECOVER",
    "sessions": "SELECT DISTINCT user FROM information_schema.processlist "
    "WHERE id <> CONNECTION_ID()",
}  # fmt: skip
"""A statement for each part of the state, by what the part is called."""
