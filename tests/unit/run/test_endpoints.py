"""What a suite looks into of a project: what the exam provides, and its database."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from grader.run.compose.endpoints import service_endpoints


def project() -> Any:
    environment = SimpleNamespace(services=(), database="db", database_address=("127.0.0.1", 3306))
    return SimpleNamespace(environment=environment)


def test_a_project_without_a_database_has_none_to_look_into() -> None:
    roles: Any = SimpleNamespace(database=None, is_mariadb=False)
    assert service_endpoints(project(), roles) == ()


def test_its_database_is_its_own() -> None:
    """By the kind of its image."""
    for is_mariadb, name in ((False, "mysql"), (True, "mariadb")):
        roles: Any = SimpleNamespace(database=object(), is_mariadb=is_mariadb)
        (found,) = service_endpoints(project(), roles)
        assert found.own
        assert found.manifest.name == name
        assert found.address == ("127.0.0.1", 3306)
