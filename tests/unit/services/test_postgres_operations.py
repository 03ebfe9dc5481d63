"""What a suite may have a PostgreSQL server do."""

from __future__ import annotations

from typing import Any

import pytest

from grader.services.postgres.operations import operations_of
from tests.unit.services.sql_servers import ADDRESS, a_postgres, of_postgres


def test_each_operation_is_there_and_a_writers_password_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is said to the server before one is asked for."""
    driver = of_postgres(monkeypatch, COALESCE=[(3,)])
    hidden: dict[str, Any] = {}
    server = a_postgres()
    found = operations_of(server, ADDRESS, hidden.update)
    assert driver.ran == []
    assert set(found) == {
        "begin_count", "end_count", "begin_logins", "end_logins", "writer", "restrict",
    }  # fmt: skip
    told = found["writer"]()
    assert server.writer is not None
    assert told == {"user": server.writer.user, "password": server.writer.password}
    assert hidden == {"WRITER_PASSWORD": server.writer.password}
    found["begin_count"]()
    assert found["end_count"]() == 0
    found["restrict"](rights=["SELECT"])
    assert f'SET SESSION AUTHORIZATION "{server.access.app.user}"' in driver.ran
