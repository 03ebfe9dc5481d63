"""The schemas and accounts of runs on MySQL: what is asked of the server for them."""

from __future__ import annotations

import pymysql
import pytest

from grader.errors import PlatformError
from grader.services.base import Account
from grader.services.mysql import accounts
from grader.services.mysql.accounts import (
    CONNECTIONS,
    GUEST_CONNECTIONS,
    InvalidRights,
    admit,
    admit_guest,
    admit_reader,
    admit_writer,
    drop,
    restrict,
    sessions,
)
from grader.services.mysql.connection import connected
from tests.unit.services.sql_servers import ADDRESS, a_mysql, of_mysql


def grants(ran: list[str]) -> list[str]:
    return [one for one in ran if one.startswith("GRANT")]


def escaped(database: str) -> str:
    """In a grant an underscore stands for any character."""
    return database.replace("_", "\\_")


def test_a_run_gets_a_schema_and_a_reader_that_only_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, server = of_mysql(monkeypatch), a_mysql()
    old = server.access
    admit(server, ADDRESS)
    access = server.access
    assert access.reader is not None
    assert access.database != old.database
    assert (access.root_password, access.admin) == (old.root_password, old.admin)
    assert f"CREATE DATABASE `{access.database}`" in driver.ran
    schema = f"`{escaped(access.database)}`.*"
    assert grants(driver.ran) == [
        f"GRANT ALL ON {schema} TO `{access.user}`@'%'",
        f"GRANT SELECT ON {schema} TO `{access.reader.user}`@'%'",
    ]
    (made,) = [one for one in driver.ran if one.startswith("CREATE USER")]
    assert f"MAX_USER_CONNECTIONS {CONNECTIONS}" in made
    assert driver.opened[-1]["user"] == access.reader.user  # it is greeted as who will read


def test_a_server_of_one_run_gets_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, server = of_mysql(monkeypatch), a_mysql()
    access = server.access
    admit_reader(server, ADDRESS)
    assert server.access.user == access.user
    assert server.access.reader is not None
    bounded = f"ALTER USER `{access.user}`@'%' WITH MAX_USER_CONNECTIONS {CONNECTIONS}"
    assert bounded in driver.ran
    assert [one.partition(" ON ")[0] for one in grants(driver.ran)] == ["GRANT SELECT"]


def test_a_guest_has_a_schema_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, server = of_mysql(monkeypatch), a_mysql()
    guest = admit_guest(server, ADDRESS)
    assert server.guest_access == (guest,)
    assert guest.database != server.access.database
    assert any(f"MAX_USER_CONNECTIONS {GUEST_CONNECTIONS}" in one for one in driver.ran)


def test_a_writer_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, server = of_mysql(monkeypatch), a_mysql()
    writer = admit_writer(server, ADDRESS)
    assert admit_writer(server, ADDRESS) is writer
    (given,) = grants(driver.ran)
    assert given.startswith("GRANT SELECT, INSERT, UPDATE, DELETE ON ")


def test_rights_are_taken_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, server = of_mysql(monkeypatch), a_mysql()
    restrict(server, ADDRESS, ["SELECT", "CREATE VIEW"])
    schema = f"`{escaped(server.access.database)}`.*"
    assert driver.ran == [
        f"REVOKE ALL ON {schema} FROM `{server.access.user}`@'%'",
        f"GRANT SELECT, CREATE VIEW ON {schema} TO `{server.access.user}`@'%'",
    ]
    restrict(server, ADDRESS, ["ALL"])
    assert driver.ran[2:] == [f"GRANT ALL ON {schema} TO `{server.access.user}`@'%'"]


@pytest.mark.parametrize("rights", [[], ["select"], ["SELECT ON *.* TO x; DROP"]])
def test_what_is_no_right_is_no_statement(
    monkeypatch: pytest.MonkeyPatch, rights: list[str]
) -> None:
    driver = of_mysql(monkeypatch)
    with pytest.raises(InvalidRights, match="no privileges of MySQL"):
        restrict(a_mysql(), ADDRESS, rights)
    assert driver.ran == []


def test_accounts_go_before_sessions_and_those_before_schemas(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that nothing begins any more; a session that has ended by itself is none."""
    server = a_mysql()
    access, writer = server.access, Account.draw("writer")
    driver = of_mysql(monkeypatch)
    driver.answers = {
        "processlist": [[(7, access.user), (8, "another")], []],
        "KILL 7": [pymysql.err.InternalError(1094, "Unknown thread id: 7")],
    }
    with connected(server, ADDRESS) as connection:
        drop(connection, access, also=[writer])
    assert [one.split(" ")[0] for one in driver.ran] == ["DROP", "SELECT", "KILL", "SELECT", "DROP"]
    assert f"`{access.user}`@'%', `{writer.user}`@'%'" in driver.ran[0]
    assert driver.ran[-1] == f"DROP DATABASE IF EXISTS `{access.database}`"


def test_sessions_that_do_not_end_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "LOCK_SECONDS", 0.02)
    server = a_mysql()
    driver = of_mysql(monkeypatch, processlist=[(7, server.access.user)])
    with (
        pytest.raises(PlatformError, match="1 sessions of a submission did not end"),
        connected(server, ADDRESS) as connection,
    ):
        drop(connection, server.access)
    assert not [one for one in driver.ran if "DROP DATABASE" in one]


def test_who_has_not_logged_in_yet_may_be_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(1, "mine"), (2, "another"), (3, "unauthenticated user"), (4, None), (5, "")]
    of_mysql(monkeypatch, processlist=rows)
    with connected(a_mysql(), ADDRESS) as connection:
        assert sessions(connection, ["mine"]) == [1, 3, 4, 5]
