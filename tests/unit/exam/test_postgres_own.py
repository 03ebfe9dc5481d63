"""The `db` fixture on a PostgreSQL of the submission's own: whatever stands in its database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest

from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.services.postgres_own import OwnPostgresDatabase
from tests.unit.exam.test_postgres_database import COLUMNS, TABLES, TOLD, Connection, Server, call

OWN = {**TOLD, "database": "shop", "account": "", "own": True}


class OwnServer(Server):
    """A server with several databases, each with what stands in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch)
        self.databases: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []

    def answer(self, connection: Connection, sql: str, args: Sequence[Any] | None) -> list[Any]:
        database = connection.options["database"]
        if database not in self.databases:
            msg = f'FATAL:  database "{database}" does not exist'
            raise psycopg.OperationalError(msg)
        self.asked.append((database, sql))
        if "pg_database" in sql:
            return [{"d": name} for name in self.databases]
        self.answers = self.databases[database]
        return super().answer(connection, sql, args)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> OwnServer:
    return OwnServer(monkeypatch)


HELD = {"a.attname": COLUMNS, "c.relname::text AS t": TABLES, "FROM notes": [{"n": 1}]}


def test_what_its_image_made_is_looked_into(server: OwnServer) -> None:
    server.databases = {"postgres": {}, "shop": HELD, "zoo": HELD}
    db = OwnPostgresDatabase(call, OWN)
    assert (db.name, db.account) == ("shop", "")
    assert db.tables() == ["notes", 'sales.or"ders']
    assert {database for database, _ in server.asked} == {"shop"}


@pytest.mark.parametrize("made", [{"shop": {}}, {}])
def test_tables_that_the_app_has_made_elsewhere_are_found(
    server: OwnServer, made: dict[str, Any]
) -> None:
    """Where the database of its image is empty, or not there at all; again in each test."""
    server.databases = {"postgres": {}, **made, "zoo": HELD}
    db = OwnPostgresDatabase(call, OWN)
    assert db.rows("SELECT n FROM notes") == [{"n": 1}]
    db.write("DELETE FROM notes")
    assert server.asked[-1] == ("zoo", "COMMIT")
    assert db.name == "zoo"
    server.databases["shop"] = HELD
    assert db.name == "zoo"
    db.begin_test()
    assert db.name == "shop"
    db.write("DELETE FROM notes")
    assert server.asked[-1] == ("shop", "COMMIT")
    assert [text for text in server.texts("writer") if "DELETE" in text]


def test_an_app_without_tables_has_the_database_of_its_image(server: OwnServer) -> None:
    """Until it makes some, within the test as well."""
    server.databases = {"postgres": {}, "shop": {}}
    db = OwnPostgresDatabase(call, OWN)
    assert db.tables() == []
    assert db.name == "shop"
    server.databases["other"] = HELD
    assert db.name == "other"


@pytest.mark.parametrize("name", ["queries", "logins", "restricted"])
def test_what_takes_an_administrator_is_the_suites_fault(server: OwnServer, name: str) -> None:
    """With what there is instead, and before anything is asked."""
    act: Callable[..., Any] = getattr(OwnPostgresDatabase(call, OWN), name)
    with pytest.raises(PlatformFault, match=rf"db\.{name}\(\) is for MySQL and MariaDB"):
        act(*(["SELECT"] if name == "restricted" else []))
    assert not server.asked


@pytest.mark.parametrize(
    "answers",
    [
        {"c.relname::text AS t": [{"x": 1}]},
        {"c.relname::text AS t": [{"s": "public", "t": 7}]},
        {"c.relname::text AS t": IndexError("no such field")},
        {"c.relname::text AS t": UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid")},
    ],
)
def test_what_is_no_postgres_is_the_students_loss(
    server: OwnServer, answers: dict[str, Any]
) -> None:
    """No exception of the driver's ends the run."""
    server.databases = {"shop": answers}
    with pytest.raises(Mismatch, match="is no PostgreSQL server"):
        OwnPostgresDatabase(call, OWN).tables()


def test_a_server_that_is_gone_is_the_students_loss(server: OwnServer) -> None:
    server.answers = {"open": [psycopg.OperationalError("connection refused") for _ in range(9)]}
    with pytest.raises(Mismatch, match="service of your Compose file does not answer"):
        OwnPostgresDatabase(call, OWN).rows("SELECT 1")
