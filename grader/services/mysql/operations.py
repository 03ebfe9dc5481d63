"""What a suite may have a MySQL server do, as its administrator or by a change of its accounts."""

from __future__ import annotations

from collections.abc import Sequence

from grader.services.base import Address, Hide, Operations
from grader.services.mysql.access import AdministeredMySql
from grader.services.mysql.accounts import admit_writer, restrict
from grader.services.mysql.app_sessions import count_app_sessions, end_app_sessions
from grader.services.mysql.observe import Observer


def operations_of(server: AdministeredMySql, address: Address, hide: Hide) -> Operations:
    """Return them by name: counts of statements, who logs in, and the accounts of the run.

    A server that the submission brought keeps its accounts: they are the student's.
    """
    observer = Observer(server, address)
    found: Operations = {
        "begin_count": observer.begin_count,
        "end_count": observer.end_count,
        "begin_logins": observer.begin_logins,
        "end_logins": observer.end_logins,
    }
    if server.own:
        return found

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
        **found, "writer": writer, "restrict": restricted,
        "connections": connections, "disconnect": disconnect,
    }  # fmt: skip
