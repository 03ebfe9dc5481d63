"""What a suite looks into of a project: what the exam provides, and its database."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from grader.exam.services.postgres import PostgresDatabase
from grader.exam.services.postgres_own import OwnPostgresDatabase
from grader.exam.services.sql_database import SqlDatabase
from grader.run.compose.endpoints import service_endpoints
from grader.service_catalogue import built_in, load_class


def project() -> Any:
    environment = SimpleNamespace(services=(), database="db", database_address=("127.0.0.1", 3306))
    return SimpleNamespace(environment=environment)


def test_a_project_without_a_database_has_none_to_look_into() -> None:
    roles: Any = SimpleNamespace(database=None)
    assert service_endpoints(project(), roles) == ()


def test_its_database_is_its_own() -> None:
    """By the kind of its image."""
    for name in ("mysql", "mariadb", "postgres"):
        roles: Any = SimpleNamespace(database=object(), database_kind=name)
        (found,) = service_endpoints(project(), roles)
        assert found.own
        assert found.manifest.name == name
        assert found.manifest.fixture == "db"
        assert found.address == ("127.0.0.1", 3306)
        assert issubclass(load_class(found.manifest.fixture_class), SqlDatabase)


def test_the_postgres_of_a_project_has_a_fixture_of_its_own() -> None:
    """Which counts no statements, and takes whatever answers."""
    roles: Any = SimpleNamespace(database=object(), database_kind="postgres")
    (found,) = service_endpoints(project(), roles)
    assert load_class(found.manifest.fixture_class) is OwnPostgresDatabase
    assert load_class(built_in()["postgres"].fixture_class) is PostgresDatabase
