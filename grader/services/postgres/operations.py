"""What a suite may have a PostgreSQL server do."""

from __future__ import annotations

from collections.abc import Sequence

from grader.services.base import Address, Hide, Operations
from grader.services.postgres.access import AdministeredPostgres
from grader.services.postgres.accounts import admit_writer, restrict
from grader.services.postgres.app_sessions import count_app_sessions, end_app_sessions
from grader.services.postgres.observe import PostgresObserver


def operations_of(server: AdministeredPostgres, address: Address, hide: Hide) -> Operations:
    """Return them by name: counts of statements, who logs in, and the roles of the run."""
    observer = PostgresObserver(server, address)

    def writer() -> dict[str, str]:
        account = admit_writer(server, address)
        hide({"WRITER_PASSWORD": account.password})
        return {"user": account.user, "password": account.password}

    def restricted(rights: Sequence[str]) -> None:
        restrict(server, address, rights)

    def connections() -> int:
        return count_app_sessions(server, address)

    def disconnect() -> int:
        return end_app_sessions(server, address)

    return {
        "begin_count": observer.begin_count, "end_count": observer.end_count,
        "begin_logins": observer.begin_logins, "end_logins": observer.end_logins,
        "writer": writer, "restrict": restricted,
        "connections": connections, "disconnect": disconnect,
    }  # fmt: skip
