"""What of a PostgreSQL server is compared."""

from __future__ import annotations

import pytest

from grader.services.postgres.connection import connected
from grader.services.postgres.state import STATEMENTS, PostgresState, difference, state
from tests.unit.services.sql_servers import ADDRESS, a_postgres, of_postgres


def test_every_table_of_the_servers_own_is_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """By where each row lies and which transaction wrote it."""
    driver = of_postgres(monkeypatch)
    driver.answers = {
        "SELECT c.relname": [("pg_authid",), ("pg_database",)],
        '."pg_authid"': [(3, "sum")],
    }
    with connected(a_postgres(), ADDRESS) as connection:
        found = state(connection)
    assert set(found.parts) == {"pg_authid", "pg_database", *STATEMENTS}
    assert found.parts["pg_authid"] == {(3, "sum")}
    assert sum("ctid" in sql and "xmin" in sql for sql in driver.ran) == 2


def test_a_difference_names_parts_and_no_values() -> None:
    before = PostgresState({"settings": frozenset({("a",)}), "files": frozenset()})
    after = PostgresState({**before.parts, "settings": frozenset({("b",)}), "new": frozenset()})
    assert difference(before, before) == ""
    assert difference(before, after) == "settings, new"
