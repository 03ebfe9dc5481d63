"""A MySQL server: what it tells, and how it is known to answer."""

from __future__ import annotations

import pymysql
import pytest

from grader.services.mysql.reuse import ReusedServer
from grader.services.mysql.server import TOO_MANY
from tests.unit.services.sql_servers import ADDRESS, OWN, a_mysql, of_mysql


def test_it_is_asked_as_who_will_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As its administrator while there is no reader."""
    driver, server = of_mysql(monkeypatch), a_mysql()
    assert server.attempt(ADDRESS) == ""
    server.prepare(ADDRESS)
    assert server.attempt(ADDRESS) == ""
    assert server.access.reader is not None
    assert [driver.opened[0]["user"], driver.opened[-1]["user"]] == [
        "root", server.access.reader.user,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (pymysql.err.OperationalError(TOO_MANY, "Too many connections"), ""),
        (pymysql.err.OperationalError(2003, "nobody there"), "nobody there"),
        (IndexError("a short packet"), "is no MySQL server: a short packet"),
    ],
)
def test_why_it_does_not_answer_is_told(
    monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    """One whose connections an app holds does."""
    of_mysql(monkeypatch, open=[error])
    found = a_mysql().attempt(ADDRESS)
    assert said in found
    assert bool(found) == bool(said)


def test_names_are_told_to_whom_they_are_for(monkeypatch: pytest.MonkeyPatch) -> None:
    of_mysql(monkeypatch)
    server = a_mysql()
    guest = server.admit_guest(ADDRESS)
    server.prepare(ADDRESS)
    access = server.access
    assert access.reader is not None
    assert server.tenant.values["host"] == "mysql"
    assert server.tenant.values["database"] == access.database
    assert server.guests == (guest,)
    told = server.told(ADDRESS)
    assert (told["user"], told["account"], told["own"]) == (access.reader.user, access.user, False)
    assert set(server.secrets().values()) == {
        access.password, access.root_password, access.reader.password,
    }  # fmt: skip
    assert isinstance(server.reusable(ADDRESS), ReusedServer)
    assert server.notes(ADDRESS) == ()


def test_what_it_logged_before_is_no_refusal_of_this_run(monkeypatch: pytest.MonkeyPatch) -> None:
    line = b"[Note] Access denied for user 'root'@'172.18.0.3' (using password: NO)\n"
    server = a_mysql(logs=line)
    (refusal,) = server.refusals()
    assert (refusal.user, refusal.guessed) == ("root", False)
    server.begin(server.access)
    assert server.refusals() == ()


def test_what_its_own_container_tries_is_no_refusal() -> None:
    """A health check may ask for the server by its name, which is its container's address."""
    line = "[Note] Access denied for user '{}'@'{}' (using password: YES)\n"
    logs = line.format("health", OWN) + line.format("app", "172.18.0.20")
    (refusal,) = a_mysql(logs=logs.encode()).refusals()
    assert (refusal.user, refusal.host) == ("app", "172.18.0.20")
