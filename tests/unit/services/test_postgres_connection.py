"""The administrator's connection to PostgreSQL: bounded, and its errors told apart."""

from __future__ import annotations

import psycopg
import pytest

from grader.deadline.postgres import RanOut
from grader.errors import PlatformError
from grader.services.base import Account, OutOfTime
from grader.services.postgres.access import ADMIN
from grader.services.postgres.connection import connected, rows, statement
from tests.unit.services.sql_servers import ADDRESS, a_postgres, of_postgres


def test_it_has_a_time_for_each_statement_and_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes to the server's own database, and finds the server's own names alone."""
    driver = of_postgres(monkeypatch, SELECT=[(1,)])
    with connected(a_postgres(), ADDRESS) as connection:
        assert rows(connection, "SELECT 1") == [(1,)]
    (opened,) = driver.opened
    assert (opened["user"], opened["database"]) == (ADMIN, ADMIN)
    assert opened["search_path"] == "pg_catalog"
    assert 0 < opened["lock_timeout"] < opened["statement_timeout"] <= 10_000
    assert driver.closed == 1


def test_another_account_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = of_postgres(monkeypatch)
    with connected(a_postgres(), ADDRESS, "exam", account=Account(user="u", password="p")):
        pass
    assert (driver.opened[0]["user"], driver.opened[0]["database"]) == ("u", "exam")


@pytest.mark.parametrize(
    ("error", "late"),
    [
        (psycopg.errors.QueryCanceled("broken off"), True),
        (psycopg.errors.LockNotAvailable("a lock"), True),
        (RanOut("the conversation's time is up"), True),
        (psycopg.errors.UndefinedTable("no such table"), False),
        (OSError("no route"), False),
    ],
)
def test_what_ran_out_of_time_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, error: Exception, late: bool
) -> None:
    """That may be the submission's doing; all else is the platform's."""
    of_postgres(monkeypatch, SELECT=[error])
    with (
        pytest.raises(PlatformError, match="PostgreSQL server did not do") as caught,
        connected(a_postgres(), ADDRESS) as connection,
    ):
        rows(connection, "SELECT 1")
    assert isinstance(caught.value, OutOfTime) == late


def test_names_are_quoted() -> None:
    assert statement("DROP ROLE {}", 'a"b').as_string(None) == 'DROP ROLE "a""b"'
