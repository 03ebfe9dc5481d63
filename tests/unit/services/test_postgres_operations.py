"""What a suite may have a PostgreSQL server do."""

from __future__ import annotations

from typing import Any

import pytest

from grader.services.base import OutOfTime
from grader.services.postgres import app_sessions
from grader.services.postgres.operations import operations_of
from tests.unit.services.sql_servers import ADDRESS, a_postgres, of_postgres


def test_each_operation_is_there_and_a_writers_password_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is said to the server before one is asked for."""
    driver = of_postgres(monkeypatch, COALESCE=[(3,)], dealloc=[(0, "today")])
    hidden: dict[str, Any] = {}
    server = a_postgres()
    found = operations_of(server, ADDRESS, hidden.update)
    assert driver.ran == []
    assert set(found) == {
        "begin_count", "end_count", "begin_logins", "end_logins", "writer", "restrict",
        "connections", "disconnect",
    }  # fmt: skip
    told = found["writer"]()
    assert server.writer is not None
    assert told == {"user": server.writer.user, "password": server.writer.password}
    assert hidden == {"WRITER_PASSWORD": server.writer.password}
    found["begin_count"]()
    assert found["end_count"]() == 0
    found["restrict"](rights=["SELECT"])
    assert f'SET SESSION AUTHORIZATION "{server.access.app.user}"' in driver.ran


def test_the_apps_connections_are_counted_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that it has at that moment: what it opens meanwhile stays."""
    server = a_postgres()
    driver = of_postgres(monkeypatch, activity=[[(7,), (8,)], [(7,), (8,)], [(7,), (9,)], [(9,)]])
    found = operations_of(server, ADDRESS, lambda hidden: None)
    assert found["connections"]() == 2
    assert repr(server.access.app.user) in driver.ran[0]
    assert found["disconnect"]() == 2
    ended = [one for one in driver.ran if "terminate" in one]
    assert sorted(one[-3:] for one in ended) == ["(7)", "(8)"]


def test_a_connection_that_does_not_end_is_the_apps_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_sessions, "SECONDS", 0.01)
    of_postgres(monkeypatch, activity=[(7,)])
    with pytest.raises(OutOfTime, match="did not end"):
        operations_of(a_postgres(), ADDRESS, lambda hidden: None)["disconnect"]()
