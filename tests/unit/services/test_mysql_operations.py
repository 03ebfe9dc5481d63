"""What a suite may have a MySQL server do."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest

from grader.errors import PlatformError
from grader.services.base import OutOfTime
from grader.services.mysql import app_sessions
from grader.services.mysql.operations import operations_of
from tests.unit.services.sql_servers import ADDRESS, a_mysql, of_mysql

WATCHING = {"begin_count", "end_count", "begin_logins", "end_logins"}


def test_each_operation_is_there_and_a_writers_password_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is said to the server before one is asked for."""
    driver = of_mysql(monkeypatch, Questions=[[("Questions", "10")], [("Questions", "16")]])
    hidden: dict[str, Any] = {}
    server = a_mysql()
    found = operations_of(server, ADDRESS, hidden.update)
    assert driver.ran == []
    assert set(found) == {*WATCHING, "writer", "restrict", "connections", "disconnect"}
    told = found["writer"]()
    assert server.writer is not None
    assert told == {"user": server.writer.user, "password": server.writer.password}
    assert hidden == {"WRITER_PASSWORD": server.writer.password}
    found["begin_count"]()
    assert found["end_count"]() == 5  # its own look is none
    found["restrict"](rights=["SELECT"])
    assert driver.ran[-1].startswith("GRANT SELECT ON ")


def test_log_ins_are_read_from_the_servers_own_table(monkeypatch: pytest.MonkeyPatch) -> None:
    server = a_mysql()
    came = f"{server.access.user}@172.18.0.3 on exam using TCP/IP"
    driver = of_mysql(monkeypatch)
    driver.answers = {"command_type": [(came,), ("root[root] @  [172.18.0.2]",)]}
    found = operations_of(server, ADDRESS, lambda hidden: None)
    found["begin_logins"]()
    assert "SET GLOBAL general_log = ON" in driver.ran
    assert found["end_logins"]() == [server.access.user]
    assert "SET GLOBAL general_log = OFF" in driver.ran


def test_the_apps_connections_are_counted_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that it has at that moment: what it opens meanwhile stays, what has gone has gone."""
    server = a_mysql()
    gone = pymysql.err.OperationalError(1094, "Unknown thread id: 8")
    driver = of_mysql(
        monkeypatch,
        processlist=[[(7,), (8,)], [(7,), (8,)], [(7,), (9,)], [(9,)]],
        KILL_8=[gone],
    )
    found = operations_of(server, ADDRESS, lambda hidden: None)
    assert found["connections"]() == 2
    assert repr(server.access.user) in driver.ran[0]
    assert found["disconnect"]() == 2
    assert sorted(one for one in driver.ran if one.startswith("KILL")) == ["KILL 7", "KILL 8"]


def test_a_connection_that_does_not_end_is_the_apps_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_sessions, "LOCK_SECONDS", 0.01)
    of_mysql(monkeypatch, processlist=[(7,)])
    with pytest.raises(OutOfTime, match="did not end"):
        operations_of(a_mysql(), ADDRESS, lambda hidden: None)["disconnect"]()


def test_a_refusal_to_end_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    of_mysql(monkeypatch, processlist=[(7,)], KILL=[pymysql.err.OperationalError(1095, "no")])
    with pytest.raises(PlatformError, match="no"):
        operations_of(a_mysql(), ADDRESS, lambda hidden: None)["disconnect"]()


def test_a_students_own_server_keeps_its_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    server = a_mysql()
    monkeypatch.setattr(type(server), "own", True)
    assert set(operations_of(server, ADDRESS, lambda hidden: None)) == WATCHING
