"""The database role of workers: what grading needs, and no password, session or token.

Who takes over a worker's machine has what that machine grades, and can write results; they cannot
sign in as anybody, nor change a course, an account or the audit.
"""

from __future__ import annotations

import re

import psycopg
from psycopg import sql

from grader.errors import UsageError
from grader.portal.data.address import with_password
from grader.portal.data.database import PortalDatabase, away, libpq_url

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
LOCK = 7351206
GRANTS = {
    "assignment": "SELECT",
    "audit": "INSERT, SELECT (id)",
    "exam_version": "SELECT, INSERT",
    "grading": "SELECT, UPDATE",
    "grading_event": "SELECT, INSERT",
    "membership": "SELECT (course_id, user_id, role)",
    "notification": "SELECT, INSERT, UPDATE (data)",
    "queue_clock": "SELECT, UPDATE (virtual)",
    "regrade": "SELECT",
    "regrade_item": "SELECT, UPDATE (summary)",
    "result": "SELECT, INSERT, UPDATE (counts)",
    "stored_report": "SELECT, INSERT",
    "submission": 'SELECT, UPDATE ("commit")',
    "worker": "SELECT, INSERT, UPDATE",
}
"""By table; there is nothing of the others. UPDATE of a column is what a lock of its row needs."""
QUEUE = """
SELECT format('GRANT %s ON %s %I TO {role}',
              CASE relkind WHEN 'S' THEN 'USAGE' ELSE 'SELECT, INSERT, UPDATE, DELETE' END,
              CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relname)
FROM pg_class WHERE relnamespace = 'public'::regnamespace
  AND relname LIKE 'procrastinate%' AND relkind IN ('r', 'S')
"""


def make_worker_role(database: PortalDatabase, name: str, password: str) -> str:
    """Make the role `name`, or set its password and rights again; gives the workers' address.

    `database` is that of a role that may make roles. Raises `UsageError`, `DatabaseAway`.
    """
    if not NAME.fullmatch(name):
        msg = f"{name[:80]!r} is no name for a role; use small letters, digits and underscores."
        raise UsageError(msg)
    try:
        with psycopg.connect(libpq_url(database.url)) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            _grant(connection, name, password)
    except psycopg.errors.InsufficientPrivilege as error:
        msg = (
            "The role of this address may make no role. Name that of the database's owner, who "
            "has CREATEROLE, or have the database's administrator run the command."
        )
        raise UsageError(msg) from error
    except psycopg.OperationalError as error:
        raise away() from error
    return with_password(libpq_url(database.url), password, name)


def _grant(connection: psycopg.Connection, name: str, password: str) -> None:
    role = sql.Identifier(name)
    there = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    verb = sql.SQL("ALTER" if there else "CREATE")
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
            verb, role, sql.Literal(password)
        )
    )
    # what an older grader granted and this one does not is taken away
    for kind in ("TABLES", "SEQUENCES"):
        connection.execute(
            sql.SQL("REVOKE ALL ON ALL {} IN SCHEMA public FROM {}").format(sql.SQL(kind), role)
        )
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
    for table, rights in GRANTS.items():
        connection.execute(
            sql.SQL("GRANT {} ON {} TO {}").format(
                sql.SQL(rights), sql.Identifier(table), role
            )
        )  # fmt: skip
    for (statement,) in connection.execute(QUEUE.encode()).fetchall():
        connection.execute(sql.SQL(statement).format(role=role))
