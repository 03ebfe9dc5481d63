"""Databases on a PostgreSQL server, and the roles of a run, each with the rights that it needs.

- the app's: anything within its own database, and nothing else. The database itself is the
  administrator's, so that no app changes who may come in;
- the grader's reader: it reads there, in transactions that change nothing. Routines of the
  student's run, if at all, with these rights;
- the grader's writer, made where a suite changes rows: the same with INSERT, UPDATE and DELETE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.errors import PlatformError
from grader.services.base import Account, Address
from grader.services.postgres.access import (
    AdministeredPostgres,
    PostgresAccess,
)
from grader.services.postgres.connection import connected, rows, statement

if TYPE_CHECKING:
    from psycopg.sql import Composed

    from grader.deadline.postgres import PostgresConnection

CONNECTIONS = 100
"""How many an app may have at a time: a server takes 150, and the grader needs some."""
GUEST_CONNECTIONS = 15
"""How many an app alongside the examined one may have."""
OWN_CONNECTIONS = 5
TABLE_RIGHTS = (
    "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER",
)  # fmt: skip
RIGHTS = (*TABLE_RIGHTS, "CREATE")
RIGHT = re.compile("|".join(RIGHTS))
SCHEMAS = """
SELECT n.nspname FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner
WHERE r.rolname = %s
"""


class InvalidPrivileges(PlatformError):
    """What a suite asked for is no list of PostgreSQL's privileges."""


def admit(server: AdministeredPostgres, address: Address) -> None:
    """Make what the next run has of `server`, with new names, and have `server.access` tell them.

    Raises `PlatformError`.
    """
    access = PostgresAccess.draw(reader=True)
    with connected(server, address) as connection:
        _create(connection, access, CONNECTIONS)
        rows(connection, "SELECT public.pg_stat_statements_reset()")
    _hand_over(server, address, access)
    server.begin(access)
    server.greet(address)


def admit_guest(server: AdministeredPostgres, address: Address) -> PostgresAccess:
    """Make one more database and role on a server in use, for an app alongside the examined one.

    `server.guest_access` names it. Raises `PlatformError`.
    """
    access = PostgresAccess.draw(reader=False)
    with connected(server, address) as connection:
        _create(connection, access, GUEST_CONNECTIONS)
    server.guest_access += (access,)
    _hand_over(server, address, access)
    return access


def admit_writer(server: AdministeredPostgres, address: Address) -> Account:
    """Return the grader's role that may change rows of the run's database; make it if need be.

    Raises `PlatformError`.
    """
    if server.writer is None:
        writer = Account.draw("writer")
        with connected(server, address) as connection:
            _create_role(connection, writer, OWN_CONNECTIONS)
            server.writer = writer
            _let_in(connection, server.access.database, writer)
        _give(server, address, writer.user, "SELECT, INSERT, UPDATE, DELETE")
    return server.writer


def restrict(server: AdministeredPostgres, address: Address, rights: Sequence[str]) -> None:
    """Leave the app's role no `rights` on its tables but these; `["ALL"]` gives them back.

    The role does so itself: its own tables are its own to give. Raises `InvalidPrivileges`,
    `PlatformError`.
    """
    if not rights or not (list(rights) == ["ALL"] or all(map(RIGHT.fullmatch, rights))):
        msg = f"{list(rights)} are no privileges of PostgreSQL on tables; use some of {RIGHTS}."
        raise InvalidPrivileges(msg)
    access, given = server.access, RIGHTS if list(rights) == ["ALL"] else rights
    with connected(server, address, access.database) as connection:
        rows(connection, statement("SET SESSION AUTHORIZATION {}", access.app.user))
        for (schema,) in rows(connection, SCHEMAS, access.app.user):
            for one in _rights_in(schema, access.app.user, given):
                rows(connection, one)


def _rights_in(schema: str, user: str, given: Sequence[str]) -> list[Composed]:
    """Statements that leave `user` what is `given` in a schema."""
    everything = "REVOKE ALL ON ALL {} IN SCHEMA {{}} FROM {{}}"
    found = [statement(everything.format(kind), schema, user) for kind in ("TABLES", "SEQUENCES")]
    found.append(statement("REVOKE CREATE ON SCHEMA {} FROM {}", schema, user))
    tables = [one for one in given if one in TABLE_RIGHTS]
    if tables:
        text = f"GRANT {', '.join(tables)} ON ALL TABLES IN SCHEMA {{}} TO {{}}"
        found.append(statement(text, schema, user))
    if {"INSERT", "UPDATE"} & set(tables):  # a new row takes its number from one
        found.append(statement("GRANT ALL ON ALL SEQUENCES IN SCHEMA {} TO {}", schema, user))
    if "CREATE" in given:
        found.append(statement("GRANT CREATE ON SCHEMA {} TO {}", schema, user))
    return found


def drop(
    connection: PostgresConnection, *all_access: PostgresAccess, also: Sequence[Account] = ()
) -> None:
    """Remove databases and roles, and what the roles have left running. Raises `psycopg.Error`."""
    users = [one.app.user for one in all_access] + [one.user for one in also]
    users += [one.reader.user for one in all_access if one.reader]
    known = {name for (name,) in rows(connection, "SELECT rolname FROM pg_catalog.pg_roles")}
    users = [one for one in users if one in known]
    for user in users:
        rows(connection, statement("ALTER ROLE {} NOLOGIN", user))
    for access in all_access:
        text = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
        rows(connection, statement(text, access.database))
    for user in users:
        rows(connection, statement("DROP ROLE {}", user))


def _create(connection: PostgresConnection, access: PostgresAccess, most: int) -> None:
    """Create the database, which only the app's role comes into, and the grader's, if there."""
    _create_role(connection, access.app, most)
    # what the server's administrator has, and could be led to change, is no pattern for it
    rows(connection, statement("CREATE DATABASE {} TEMPLATE template0", access.database))
    rows(connection, statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", access.database))
    rows(connection, statement("GRANT ALL ON DATABASE {} TO {}", access.database, access.app.user))
    if access.reader:
        _create_role(connection, access.reader, OWN_CONNECTIONS)
        _let_in(connection, access.database, access.reader)


def _hand_over(server: AdministeredPostgres, address: Address, access: PostgresAccess) -> None:
    """Make the schema `public` of a new database the app's; nobody else runs its routines."""
    user = access.app.user
    with connected(server, address, access.database) as connection:
        rows(connection, statement("ALTER SCHEMA public OWNER TO {}", user))
        text = "ALTER DEFAULT PRIVILEGES FOR ROLE {} REVOKE EXECUTE ON ROUTINES FROM PUBLIC"
        rows(connection, statement(text, user))
    if access.reader:
        _give(server, address, access.reader.user, "SELECT", access)


def _give(
    server: AdministeredPostgres, address: Address, to: str, rights: str,
    access: PostgresAccess | None = None,
) -> None:  # fmt: skip
    """Have the app's role give `rights` on its tables, those to come as well.

    No role of the server's own that reads all does: it reads its passwords' hashes, too.
    """
    access = access or server.access
    app = access.app.user
    with connected(server, address, access.database) as connection:
        rows(connection, statement("SET SESSION AUTHORIZATION {}", app))
        for kind, what in (("TABLES", rights), ("SEQUENCES", "USAGE"), ("SCHEMAS", "USAGE")):
            text = f"ALTER DEFAULT PRIVILEGES GRANT {what} ON {kind} TO {{}}"
            rows(connection, statement(text, to))
        for (schema,) in rows(connection, SCHEMAS, app):
            rows(connection, statement("GRANT USAGE ON SCHEMA {} TO {}", schema, to))
            for kind, what in (("TABLES", rights), ("SEQUENCES", "USAGE")):
                text = f"GRANT {what} ON ALL {kind} IN SCHEMA {{}} TO {{}}"
                rows(connection, statement(text, schema, to))


def _create_role(connection: PostgresConnection, account: Account, most: int) -> None:
    """Create a role that logs in, `most` times at a time."""
    from psycopg.sql import SQL, Identifier, Literal

    rows(
        connection,
        SQL("CREATE ROLE {} LOGIN CONNECTION LIMIT {} PASSWORD {}").format(
            Identifier(account.user), Literal(most), Literal(account.password)
        ),
    )


def _let_in(connection: PostgresConnection, database: str, account: Account) -> None:
    rows(connection, statement("GRANT CONNECT ON DATABASE {} TO {}", database, account.user))
