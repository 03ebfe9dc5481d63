"""Schemas on a MySQL server, each with an account that may do anything there and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from grader.errors import PlatformError
from grader.services.mysql import MySqlAccess, MySqlServer

if TYPE_CHECKING:
    from pymysql import Connection

SECONDS = 10
"""How long one statement may take; a lock that a submission left (XA) would hold it up for ever."""


@contextmanager
def connected(server: MySqlServer, address: tuple[str, int]) -> Iterator[Connection[Any]]:
    """A connection as the server's administrator; raises `PlatformError` where anything fails."""
    import pymysql

    from grader.deadline.mysql import open_mysql

    access = server.access
    try:
        connection = open_mysql(
            address, login=SECONDS, statement=SECONDS,
            user=access.admin, password=access.root_password, autocommit=True,
        )  # fmt: skip
        with connection:
            yield connection
    except (pymysql.err.MySQLError, OSError) as error:
        msg = f"A MySQL server did not do what the grader asked of it: {error}"
        raise PlatformError(msg) from error


def create(connection: Connection[Any], server: MySqlServer) -> MySqlAccess:
    """A schema and an account on `server` with new names."""
    access = replace(
        MySqlAccess.draw(),
        root_password=server.access.root_password, admin=server.access.admin,
    )  # fmt: skip
    own = access.database.replace("_", "\\_")  # an underscore in a grant is any character
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{access.database}`")
        cursor.execute(f"CREATE USER `{access.user}`@'%%' IDENTIFIED BY %s", [access.password])
        cursor.execute(f"GRANT ALL ON `{own}`.* TO `{access.user}`@'%'")
    return access


def drop(connection: Connection[Any], access: MySqlAccess) -> None:
    """Remove them, and what their account has left running."""
    _end_sessions(connection, access.user)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION lock_wait_timeout = 3")
        cursor.execute(f"DROP DATABASE IF EXISTS `{access.database}`")
        cursor.execute(f"DROP USER IF EXISTS `{access.user}`@'%'")


def admit_guest(server: MySqlServer, address: tuple[str, int]) -> MySqlAccess:
    """One more of both on a server that is in use, for an app beside the examined one.

    `server.guests` names it. Raises `PlatformError`.
    """
    with connected(server, address) as connection:
        access = create(connection, server)
    server.guests += (access,)
    return access


def _end_sessions(connection: Connection[Any], user: str) -> None:
    """End what an app that is gone has left running."""
    import pymysql

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE user = %s", [user])
        for (number,) in cursor.fetchall():
            try:
                cursor.execute(f"KILL {int(number)}")
            except pymysql.err.MySQLError:
                continue  # it ended by itself
