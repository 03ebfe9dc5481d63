"""The portal on a PostgreSQL of its own, each test on a database of its own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from grader.portal.data.database import PortalDatabase
from grader.portal.data.migrate import migrate
from grader.portal.serve.database_server import remove_database, start_database
from grader.sandbox.engine import Engine
from grader.settings import Settings
from tests.browser.conftest import browser
from tests.docker.portal.people import School, school
from tests.unit.portal.provider import SchoolProvider, school_provider

__all__ = ["browser"]

RUNNING = "GRADER_TEST_DATABASE"
"""The address of a PostgreSQL that may be used instead of one in a container."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL."""
    if RUNNING in os.environ:
        yield os.environ[RUNNING]
        return
    settings = Settings.from_env(os.environ)
    engine = Engine.connect(settings.docker_host)
    name = f"test-{secrets.token_hex(4)}"
    try:
        yield start_database(engine, settings, tmp_path_factory.mktemp("portal"), name).url
    finally:
        remove_database(engine, name)
        engine.close()


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """The name of a database with all tables and nothing in them."""
    name = f"template_{secrets.token_hex(4)}"
    execute(server, f"CREATE DATABASE {name}")
    database = PortalDatabase(within(server, name))
    migrate(database)
    database.close()
    return name


@pytest.fixture
def database(server: str, template: str) -> Iterator[PortalDatabase]:
    """A database with all tables and nothing in them."""
    name = f"portal_{secrets.token_hex(4)}"
    execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    found = PortalDatabase(within(server, name))
    yield found
    found.close()
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def here(database: PortalDatabase) -> School:
    """Two courses with people and an exam each."""
    return school(database)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[SchoolProvider]:
    """An OpenID Connect provider on loopback, of another site than the portal's."""
    with school_provider(tmp_path / "provider", host="localhost") as found:
        yield found


@pytest.fixture
def machine(settings: Settings, tmp_path: Path) -> Settings:
    """This machine's settings, with a state folder of the test's own where runs need none."""
    return replace(settings, state=tmp_path / "state")


def within(server: str, name: str) -> str:
    """The address of the database `name` of a server."""
    return f"{server.rsplit('/', 1)[0]}/{name}"


def execute(server: str, statement: str) -> None:
    """Run a statement outside of any transaction."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())
