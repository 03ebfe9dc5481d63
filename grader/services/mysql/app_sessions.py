"""The connections that the examined app has to its MySQL or MariaDB server, and their end.

They are told by the app's account in the server's own list; no statement of a student's is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.services.base import Address, OutOfTime
from grader.services.mysql.access import AdministeredMySql
from grader.services.mysql.connection import LOCK_SECONDS, connected, rows
from grader.waiting import wait_until

if TYPE_CHECKING:
    from pymysql import Connection

LISTED = "SELECT id FROM information_schema.processlist WHERE user = %s"
GONE = 1094
"""MySQL's error for a session that has ended by itself."""
POLL = 0.005
"""Seconds between two looks at whether sessions that were ended are gone."""


def count_app_sessions(server: AdministeredMySql, address: Address) -> int:
    """Return how many connections the app's account has now. Raises `PlatformError`."""
    with connected(server, address) as connection:
        return len(_listed(connection, server))


def end_app_sessions(server: AdministeredMySql, address: Address) -> int:
    """End those that the app's account has now, wait until they are gone, return how many.

    What the app opens meanwhile stays. Raises `OutOfTime` where one does not end in time, and
    `PlatformError`.
    """
    with connected(server, address) as connection:
        ending = _listed(connection, server)
        for number in ending:
            _end(connection, number)
        if not wait_until(
            lambda: not ending & _listed(connection, server), within=LOCK_SECONDS, poll=POLL
        ):
            msg = f"A connection of the app's account did not end within {LOCK_SECONDS} s."
            raise OutOfTime(msg)
    return len(ending)


def _listed(connection: Connection[Any], server: AdministeredMySql) -> set[int]:
    return {int(number) for (number,) in rows(connection, LISTED, server.access.user)}


def _end(connection: Connection[Any], number: int) -> None:
    import pymysql

    try:
        rows(connection, f"KILL {number}")
    except pymysql.err.MySQLError as error:
        if error.args[:1] != (GONE,):
            raise
