"""The administrator's connection to MySQL and MariaDB: bounded, and its errors told apart."""

from __future__ import annotations

import pymysql
import pytest

from grader.errors import PlatformError
from grader.services.base import OutOfTime
from grader.services.mysql.connection import connected, rows
from tests.unit.services.sql_servers import ADDRESS, a_mysql, of_mysql


def test_it_has_a_time_for_each_statement_and_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of both servers, each of which takes the other's for a comment."""
    driver = of_mysql(monkeypatch, SELECT=[(1,)])
    with connected(a_mysql(), ADDRESS) as connection:
        assert rows(connection, "SELECT 1") == [(1,)]
    (opened,) = driver.opened
    said = opened["init_command"]
    assert "/*!80000 max_execution_time = 5000, */" in said
    assert "/*M!100100 max_statement_time = 5.0, */" in said
    assert said.endswith("lock_wait_timeout = 3, innodb_lock_wait_timeout = 3")
    assert opened["statement"] > 5
    assert driver.closed


@pytest.mark.parametrize(
    ("error", "late"),
    [
        (pymysql.err.OperationalError(1205, "Lock wait timeout exceeded"), True),
        (pymysql.err.OperationalError(1969, "max_statement_time exceeded"), True),
        (pymysql.err.OperationalError(3024, "maximum statement execution time"), True),
        (pymysql.err.ProgrammingError(1146, "no such table"), False),
        (OSError("no route"), False),
    ],
)
def test_what_ran_out_of_time_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, error: Exception, late: bool
) -> None:
    of_mysql(monkeypatch, SELECT=[error])
    with (
        pytest.raises(PlatformError, match="MySQL server did not do what") as caught,
        connected(a_mysql(), ADDRESS) as connection,
    ):
        rows(connection, "SELECT 1")
    assert isinstance(caught.value, OutOfTime) == late
