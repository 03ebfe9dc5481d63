"""Schemas on a MySQL server, and the accounts of a run, each with the rights that it needs.

- the app's: anything in its own schema, and nothing else;
- the grader's reader: SELECT there, and nothing else. It can execute no routine, so that no code of
  the student's ever runs with rights that the student lacks;
- the grader's writer, made where a suite changes rows: SELECT, INSERT, UPDATE and DELETE there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from grader.errors import PlatformError
from grader.services.base import Account
from grader.services.mysql.access import (
    AdministeredMySql,
    MySqlAccess,
)
from grader.services.mysql.connection import LOCK_SECONDS, connected, rows
from grader.waiting import wait_until

if TYPE_CHECKING:
    from pymysql import Connection

CONNECTIONS = 100
"""How many an app may have at a time: a server takes 151, and the grader needs some."""
GUEST_CONNECTIONS = 15
"""How many an app alongside the examined one may have."""
READING = ("SELECT",)
WRITING = ("SELECT", "INSERT", "UPDATE", "DELETE")
RIGHT = re.compile(r"[A-Z]+( [A-Z]+)*")
POLL = 0.005
"""Seconds between two looks at whether sessions that were ended are gone."""


class InvalidRights(PlatformError):
    """What a suite asked for is no list of MySQL's privileges."""


def create(connection: Connection[Any], server: AdministeredMySql) -> MySqlAccess:
    """Make a schema on `server` with the app's account and the reader's, all with new names."""
    reader = Account.draw("reader")
    access = replace(_drawn(server), reader=reader)
    _create_schema(connection, access, CONNECTIONS, reader)
    _grant(connection, access, reader.user, READING)
    return access


def admit(server: AdministeredMySql, address: tuple[str, int]) -> None:
    """Make what the next run has of `server`, with new names, and have `server.access` tell them.

    Raises `PlatformError`.
    """
    with connected(server, address) as connection:
        access = create(connection, server)
    server.begin(access)
    server.greet()


def admit_reader(server: AdministeredMySql, address: tuple[str, int]) -> None:
    """Do for a server that was made for one run what `ReusedServer.admit` does: reader and bounds.

    Raises `PlatformError`.
    """
    with connected(server, address) as connection:
        user = server.access.user
        rows(connection, f"ALTER USER `{user}`@'%' WITH MAX_USER_CONNECTIONS {CONNECTIONS}")
        reader = Account.draw("reader")
        _create_users(connection, CONNECTIONS, reader)
        _grant(connection, server.access, reader.user, READING)
    server.access = replace(server.access, reader=reader)
    server.greet()


def admit_writer(server: AdministeredMySql, address: tuple[str, int]) -> Account:
    """Return the grader's account that may change rows of the run's schema; make it if need be.

    Raises `PlatformError`.
    """
    if server.writer is None:
        writer = Account.draw("writer")
        with connected(server, address) as connection:
            _create_users(connection, CONNECTIONS, writer)
            server.writer = writer
            _grant(connection, server.access, writer.user, WRITING)
    return server.writer


def admit_guest(server: AdministeredMySql, address: tuple[str, int]) -> MySqlAccess:
    """Make one more schema and account on a server in use, for an app alongside the examined one.

    `server.guest_access` names it. Raises `PlatformError`.
    """
    with connected(server, address) as connection:
        access = _drawn(server)
        _create_schema(connection, access, GUEST_CONNECTIONS)
    server.guest_access += (access,)
    return access


def restrict(server: AdministeredMySql, address: tuple[str, int], rights: Sequence[str]) -> None:
    """Leave the app's account no `rights` on its schema but these; `["ALL"]` gives them back.

    Raises `InvalidRights`, `PlatformError`.
    """
    if not rights or not all(RIGHT.fullmatch(one) for one in rights):
        said = f"{list(rights)} are no privileges of {server.title}"
        msg = f"{said}; write them in capitals, such as SELECT."
        raise InvalidRights(msg)
    access = server.access
    with connected(server, address) as connection:
        if list(rights) != ["ALL"]:
            rows(connection, f"REVOKE ALL ON {_schema(access)}.* FROM `{access.user}`@'%'")
        _grant(connection, access, access.user, rights)


def drop(
    connection: Connection[Any], *all_access: MySqlAccess, also: Sequence[Account] = ()
) -> None:
    """Remove schemas and accounts, and what the accounts have left running.

    The accounts go first, so that neither a connection nor an event begins any more. Raises
    `PlatformError` where a session does not end.
    """
    users = [one.user for one in all_access] + [one.user for one in also]
    users += [one.reader.user for one in all_access if one.reader]
    listed = ", ".join(f"`{user}`@'%'" for user in users)
    rows(connection, f"DROP USER IF EXISTS {listed}")
    _end_sessions(connection, users)
    for access in all_access:
        rows(connection, f"DROP DATABASE IF EXISTS `{access.database}`")


def sessions(connection: Connection[Any], users: Sequence[str]) -> list[int]:
    """Return the ids of the sessions of `users`, and of those whose user is not known yet."""
    known = {*users, "unauthenticated user", "", None}
    listed = rows(connection, "SELECT id, user FROM information_schema.processlist")
    return [int(number) for number, user in listed if user in known]


def _end_sessions(connection: Connection[Any], users: Sequence[str]) -> None:
    """End what an app that is gone has left running, and wait until that is gone."""
    import pymysql

    left = list[int]()

    def ended() -> bool:
        left[:] = sessions(connection, users)
        for number in left:
            with suppress(pymysql.err.MySQLError):  # it ended by itself
                rows(connection, f"KILL {number}")
        return not left

    if not wait_until(ended, within=LOCK_SECONDS, poll=POLL):
        msg = f"{len(left)} sessions of a submission did not end in {LOCK_SECONDS} s."
        raise PlatformError(msg)


def _drawn(server: AdministeredMySql) -> MySqlAccess:
    """Return new names and passwords on a server whose administrator is known."""
    known = server.access
    return replace(MySqlAccess.draw(), root_password=known.root_password, admin=known.admin)


def _create_schema(
    connection: Connection[Any], access: MySqlAccess, most: int, *more: Account
) -> None:
    """Create the schema, its app's account, and `more` accounts, which may do nothing yet."""
    app = Account(user=access.user, password=access.password)
    rows(connection, f"CREATE DATABASE `{access.database}`")
    _create_users(connection, most, app, *more)
    _grant(connection, access, app.user, ("ALL",))


def _create_users(connection: Connection[Any], most: int, *accounts: Account) -> None:
    """In one statement, as each is a transaction; each may have `most` connections at a time."""
    listed = ", ".join(f"`{one.user}`@'%%' IDENTIFIED BY %s" for one in accounts)
    passwords = [one.password for one in accounts]
    rows(connection, f"CREATE USER {listed} WITH MAX_USER_CONNECTIONS {most}", *passwords)


def _grant(
    connection: Connection[Any], access: MySqlAccess, user: str, rights: Sequence[str]
) -> None:
    rows(connection, f"GRANT {', '.join(rights)} ON {_schema(access)}.* TO `{user}`@'%'")


def _schema(access: MySqlAccess) -> str:
    """Return the schema's name as a grant has it, where an underscore stands for any character."""
    return "`{}`".format(access.database.replace("_", "\\_"))
