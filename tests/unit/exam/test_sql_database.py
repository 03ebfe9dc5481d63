"""What the `db` fixture does in the same way whichever server stands behind it, and its limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from grader.exam.faults import Mismatch
from grader.exam.services import sql_limits
from grader.exam.services.mariadb import MariaDatabase
from grader.exam.services.mysql import Database
from grader.exam.services.postgres import PostgresDatabase
from grader.exam.services.sql_database import SqlDatabase
from grader.exam.services.sql_limits import Clock, Lost, too_large, too_slow


class Memory(SqlDatabase):
    """One whose rows are given."""

    name = "exam"

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.found = list(rows)
        super().__init__(self.call, {"account": "student", "title": "Memory"})

    def call(self, operation: str, **arguments: Any) -> Any:
        self.asked.append((operation, arguments))
        told = {"db.end_count": 3, "db.end_logins": ["student", "student"]}
        return (told | {"db.connections": 4, "db.disconnect": 2}).get(operation)

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[dict[str, Any]]:
        return self.found

    def tables(self) -> list[str]:
        return []

    def column(self, table: str, name: str) -> list[Any]:
        return []

    def records(self, table: str) -> list[dict[str, Any]]:
        return []

    def find(self, value: str) -> list[tuple[str, str]]:
        return []

    def write(self, sql: str, args: Sequence[Any] = ()) -> int:
        return 0

    def close(self) -> None:
        pass


def test_a_value_is_the_first_of_the_first_row() -> None:
    assert Memory({"n": 7, "m": 8}, {"n": 9}).value("SELECT …") == 7
    assert Memory().value("SELECT …") is None


def test_statements_are_counted_once_the_app_is_alone() -> None:
    db = Memory()
    with db.queries() as counter:
        assert counter.count == 0
    assert counter.count == 3
    assert [name for name, _ in db.asked] == ["db.alone", "db.begin_count", "db.end_count"]


def test_log_ins_are_noted_to_the_blocks_end() -> None:
    """Also where the block fails, so that nothing is noted any more."""
    db = Memory()
    with db.logins() as seen:
        pass
    assert seen.users == {"student"}
    with pytest.raises(ZeroDivisionError), db.logins():
        raise ZeroDivisionError
    assert db.asked[-1][0] == "db.end_logins"


def test_rights_are_given_back_whatever_happens() -> None:
    db = Memory()
    with pytest.raises(ZeroDivisionError), db.restricted("SELECT", "INSERT"):
        raise ZeroDivisionError
    assert db.asked == [
        ("db.restrict", {"rights": ["SELECT", "INSERT"]}), ("db.restrict", {"rights": ["ALL"]}),
    ]  # fmt: skip


def test_the_apps_connections_are_the_graders_to_count_and_end() -> None:
    db = Memory()
    assert (db.connections(), db.disconnect()) == (4, 2)
    assert [name for name, _ in db.asked] == ["db.connections", "db.disconnect"]


def test_an_outage_marks_the_test() -> None:
    db = Memory()
    with db.outage():
        assert db.disturbed
    assert [name for name, _ in db.asked] == ["db.stop", "db.start"]
    db.begin_test()
    assert not db.disturbed
    assert (db.account, db.title) == ("student", "Memory")


@pytest.mark.parametrize("kind", [Database, MariaDatabase, PostgresDatabase])
def test_each_server_has_the_same_interface(kind: type[SqlDatabase]) -> None:
    """What one can do, all can."""
    own = {name for name in vars(SqlDatabase) if not name.startswith("_")}
    assert kind.fixture == "db"
    assert all(getattr(kind, name, None) is not None for name in own)
    assert not kind.__abstractmethods__


def test_all_statements_of_a_test_have_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next test has its own; what a suite waited is added up."""
    monkeypatch.setattr(sql_limits, "TEST_SECONDS", 5)
    clock = Clock()
    clock.add(3)
    clock.require_time()
    clock.add(3)
    with pytest.raises(Mismatch, match="longer than it may"):
        clock.require_time()
    clock.begin_test()
    clock.require_time()
    assert clock.waited == 6
    db = Memory()
    db._clock.add(2)
    assert db.waited == 2


def test_limits_are_told_with_their_figures() -> None:
    assert f"{sql_limits.STATEMENT_SECONDS} s for one statement" in str(too_slow())
    assert str(sql_limits.MOST_ROWS) in str(too_large())
    assert not Lost("gone").asked
