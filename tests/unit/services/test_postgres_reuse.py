"""When a PostgreSQL server is lent again."""

from __future__ import annotations

import psycopg
import pytest

from grader.services.base import NotClean
from grader.services.postgres.reuse import ReusedPostgres
from tests.unit.services.sql_servers import ADDRESS, a_postgres, of_postgres


def test_an_unchanged_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what each run had removed."""
    driver, server = of_postgres(monkeypatch), a_postgres()
    lent = ReusedPostgres(server, ADDRESS)
    lent.admit()
    access = server.access
    lent.clean()
    assert f'DROP DATABASE IF EXISTS "{access.database}" WITH (FORCE)' in driver.ran
    lent.admit()
    assert server.access.database != access.database


def test_a_changed_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the part and no value of it."""
    driver, server = of_postgres(monkeypatch), a_postgres()
    lent = ReusedPostgres(server, ADDRESS)
    lent.admit()
    driver.answers = {"pg_replication_slots": [("of-a-student",)]}
    with pytest.raises(NotClean, match="changed its PostgreSQL server: replication slots") as said:
        lent.clean()
    assert "of-a-student" not in str(said.value)


def test_one_that_does_not_answer_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, server = of_postgres(monkeypatch), a_postgres()
    lent = ReusedPostgres(server, ADDRESS)
    driver.answers = {"open": [psycopg.OperationalError("gone")] * 3}
    for step in (lent.admit, lent.clean):
        with pytest.raises(NotClean, match=r"could not be made ready.*gone"):
            step()
