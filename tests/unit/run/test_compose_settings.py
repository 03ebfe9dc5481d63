"""What the files of a submission say of its project: values, files, and where they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.inspect.compose.project import Lack, Reading
from grader.inspect.compose.read import read_compose
from grader.inspect.dockerfile import inline_dockerfile
from grader.run.compose.project_roles import AppPort, ComposeRoles
from grader.run.compose.settings import ProjectSettings

COMPOSE = """\
services:
  web:
    build: app
    environment: {DB_HOST: db, DB_PASSWORD: shared}
    depends_on: [db]
  db:
    image: mysql:8.4
    command: --max-connections=5
    environment:
      MYSQL_DATABASE: notes
      MARIADB_USER: ada
      MYSQL_PASSWORD_FILE: /run/secrets/word
      MYSQL_ROOT_PASSWORD_FILE: /nowhere
    volumes:
      - ./init.sql:/docker-entrypoint-initdb.d/init.sql
      - ./missing.sql:/docker-entrypoint-initdb.d/missing.sql
      - ./word.txt:/run/secrets/word
  cache:
    image: redis:7
    container_name: store
"""
Settings = Callable[..., ProjectSettings]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a project of that text, whose app is `web` and whose database is `db`."""

    def made(text: str = COMPOSE, *, database: bool = True) -> ProjectSettings:
        (tmp_path / "app").mkdir()
        (tmp_path / "app" / "app.py").write_text("import os\nos.environ['SECRET_KEY']\n")
        (tmp_path / "compose.yml").write_text(text)
        (tmp_path / "init.sql").write_text("SELECT 1;\n")
        (tmp_path / "word.txt").write_text("from-a-file\n")
        reading: Reading = read_compose(tmp_path, "compose.yml", random=lambda: "drawn")
        assert reading.project, reading.faults
        services = reading.project.services
        roles = ComposeRoles(
            fresh=reading, submitted=reading, app=services["web"],
            database=services["db"] if database else None, started=("web", "db"),
            listens=AppPort(number=5000, said_by="the brief asks"),
            dockerfiles={"web": inline_dockerfile(b"FROM python:3.12\nCOPY . .\n", {})},
        )  # fmt: skip
        return ProjectSettings(root=tmp_path, roles=roles, reading=reading)

    return made


def test_what_the_app_runs_with(settings: Settings) -> None:
    """The app's own values, its database, and what stands for each other service."""
    found = settings()
    assert found.app_environment == {"DB_HOST": "db", "DB_PASSWORD": "shared"}
    told = found.app_settings()
    assert (told.service, told.database, told.product) == ("web", "db", "MySQL")
    assert told.port == 5000
    assert told.database_hosts == ("db",)
    assert told.literals.services == {"db": "", "cache": "redis:7", "store": "redis:7"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE", "notes"), ("USER", "ada"), ("PASSWORD", "from-a-file"),
        ("ROOT_PASSWORD", ""), ("NOTHING", ""),
    ],
)  # fmt: skip
def test_a_value_of_the_database_stands_in_the_file_or_in_one_that_it_mounts(
    settings: Settings, name: str, value: str
) -> None:
    """Under the variables of either image; a file that is not mounted holds nothing."""
    assert settings().of_database(name) == value


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("POSTGRES_PASSWORD: x", "postgres"), ("POSTGRES_USER: ada", "ada"),
        ("POSTGRES_USER: ada\n      POSTGRES_DB: notes", "notes"),
        ("POSTGRES_DB_FILE: /run/secrets/word", "from-a-file"),
    ],
)  # fmt: skip
def test_the_database_that_a_postgres_makes(settings: Settings, given: str, name: str) -> None:
    """As the official image does."""
    text = COMPOSE.replace("mysql:8.4", "postgres:17").replace("MYSQL_DATABASE: notes", given)
    assert settings(text).made_database == name


def test_the_database_that_a_mysql_makes(settings: Settings) -> None:
    assert settings().made_database == "notes"


def test_what_the_database_is_given_is_named_by_its_line(settings: Settings) -> None:
    """Its log names paths in the container; a student knows those of the repository."""
    files = settings().server_files()
    missing = "/docker-entrypoint-initdb.d/missing.sql"
    assert files.mounts["/docker-entrypoint-initdb.d/init.sql"] == "init.sql"
    assert files.missing == {missing: "compose.yml, line 16"}
    assert files.command == "compose.yml, line 8"


def test_a_project_without_a_database_says_nothing_of_one(settings: Settings) -> None:
    found = settings(database=False)
    assert found.of_database("PASSWORD") == ""
    assert found.server_files().mounts == {}
    told = found.app_settings()
    assert (told.database, told.database_hosts) == ("", ())
    assert told.literals.refused("ada") == told.literals.unknown_database("notes") == ""


def test_what_the_app_reads_and_nothing_gives_it(settings: Settings) -> None:
    """Where a file of variables is missing, it is not known what that would give."""
    found = settings()
    assert [one.name for one in found.app_settings().unset()] == ["SECRET_KEY"]
    roles = found.roles
    app = replace(roles.app, environment=replace(roles.app.environment, files=("app/.env",)))
    lacking = replace(found.reading, lacks=(Lack(name="app/.env", line=4, file=True),))
    for fresh, known in ((found.reading, True), (lacking, False)):
        other = replace(found, roles=replace(roles, app=app, fresh=fresh))
        assert bool(other.app_settings().unset()) is known


def test_the_files_that_a_service_is_built_from(settings: Settings) -> None:
    """Those of its build's context; a service that is not built has the top's."""
    found = settings()
    built, image = found.files("web"), found.files("cache")
    assert (built.folder, built.compose, image.folder) == ("app", "compose.yml", "")
    assert built.dockerfile is found.roles.dockerfiles["web"]
    assert image.dockerfile is None
