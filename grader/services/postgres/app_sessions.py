"""The connections that the examined app has to its PostgreSQL server: how many, and their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.services.base import Address, OutOfTime
from grader.services.postgres.access import AdministeredPostgres
from grader.services.postgres.connection import connected, rows
from grader.waiting import wait_until

if TYPE_CHECKING:
    from grader.deadline.postgres import PostgresConnection

LISTED = "SELECT pid FROM pg_catalog.pg_stat_activity WHERE usename = %s"
END = "SELECT pg_catalog.pg_terminate_backend(%s)"
SECONDS = 3
"""How long a session may take to end."""
POLL = 0.005
"""Seconds between two looks at whether sessions that were ended are gone."""


def count_app_sessions(server: AdministeredPostgres, address: Address) -> int:
    """Return how many connections the app's role has now. Raises `PlatformError`."""
    with connected(server, address) as connection:
        return len(_listed(connection, server))


def end_app_sessions(server: AdministeredPostgres, address: Address) -> int:
    """End those that the app's role has now, wait until they are gone, return how many.

    What the app opens meanwhile stays. Raises `OutOfTime` where one does not end in time, and
    `PlatformError`.
    """
    with connected(server, address) as connection:
        ending = _listed(connection, server)
        for number in ending:
            rows(connection, END, number)
        if not wait_until(
            lambda: not ending & _listed(connection, server), within=SECONDS, poll=POLL
        ):
            msg = f"A connection of the app's role did not end within {SECONDS} s."
            raise OutOfTime(msg)
    return len(ending)


def _listed(connection: PostgresConnection, server: AdministeredPostgres) -> set[int]:
    return {int(number) for (number,) in rows(connection, LISTED, server.access.app.user)}
