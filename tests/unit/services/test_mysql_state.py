"""What of a MySQL server is compared."""

from __future__ import annotations

import pytest

from grader.services.mysql.connection import connected
from grader.services.mysql.state import STATEMENTS, ServerState, difference, digest, state
from tests.unit.services.sql_servers import ADDRESS, a_mysql, of_mysql


def test_each_part_is_asked_for_in_one_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = of_mysql(monkeypatch)
    driver.answers = {"XA RECOVER": [(1, "x")], "SHOW DATABASES": [("mysql",)]}
    with connected(a_mysql(), ADDRESS) as connection:
        found = state(connection)
    assert set(found.parts) == set(STATEMENTS)
    assert found.parts["prepared transactions"] == {(1, "x")}
    assert found.parts["schemas"] == {("mysql",)}
    assert driver.ran[1:] == list(STATEMENTS.values())


def test_other_statements_are_another_servers() -> None:
    assert digest("t WHERE x", "a", "b") == (
        "SELECT COUNT(*), SHA2(GROUP_CONCAT(CONCAT_WS('|', a, b) ORDER BY a, b SEPARATOR '\n'), "
        "256) FROM t WHERE x"
    )


def test_it_looks_into_no_schema_of_a_students() -> None:
    for statement in STATEMENTS.values():
        assert "exam" not in statement
        assert not statement.startswith(("USE", "SET", "DROP"))


def test_a_difference_names_parts_and_no_values() -> None:
    before = ServerState(dict.fromkeys(STATEMENTS, frozenset()))
    after = ServerState({**before.parts, "events": frozenset({("of-a-student",)})})
    assert difference(before, after) == "events"
    assert difference(before, before) == ""
