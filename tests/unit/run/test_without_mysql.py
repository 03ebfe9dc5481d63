"""`grader diagnose` of a Compose file without MySQL: it is started with what it has."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from grader.criteria import COMPOSE_VALID
from grader.errors import ImageUnavailable
from grader.model import Outcome
from grader.run.compose import environment as module
from grader.run.compose import stores
from grader.run.compose.environment import ComposeEnvironment
from grader.run.compose.project import ComposeProject
from grader.run.compose.project_roles import ComposeChoice, ComposeRoles
from grader.run.compose.resolve import resolve_roles
from grader.run.compose.view import view
from grader.run.context import RunContext
from grader.sandbox import images
from grader.sandbox.gateway import Gateway
from grader.sandbox.network import Networks
from tests.unit.run.conftest import Begin, HandIn
from tests.unit.run.test_compose_environment import APP, GATEWAY, Steps, written

WEB = "  web:\n    build: .\n    ports: ['8000:8000']\n"
POSTGRES = "  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: ${PASSWORD}\n"
REDIS = "  cache:\n    image: redis:7\n"
ADMIN = "  admin:\n    image: dpage/pgadmin4\n"
AS_IT_IS = ComposeChoice(needs_database=False)


def resolved(
    context: RunContext,
    hand_in: HandIn,
    services: str,
    files: Mapping[str, str] = {},
    chosen: ComposeChoice = AS_IT_IS,
) -> ComposeRoles | None:
    """The roles of a Compose file with these services, and an app of these files."""
    content = {"Dockerfile": "FROM python:3.11-slim\n", "compose.yml": f"services:\n{services}"}
    return resolve_roles(context, hand_in({**content, **files}), chosen, {})


def test_an_exam_refuses_it(begin: Begin, hand_in: HandIn) -> None:
    """Its rule stays."""
    context = begin()
    assert resolved(context, hand_in, WEB + POSTGRES, chosen=ComposeChoice()) is None
    result = context.recorder.results[COMPOSE_VALID]
    assert result.outcome is Outcome.FAILED
    assert "`db` is PostgreSQL (`postgres:16`), and this needs MySQL" in result.rationale


@pytest.mark.parametrize(
    ("services", "files", "started", "notes"),
    [
        (
            WEB, {"app.py": "import sqlite3\n"}, ("web",),
            ("would refuse this Compose file: compose.yml has no MySQL service",
             "The app itself works with SQLite (app.py, line 1)."),
        ),
        (
            WEB + POSTGRES + REDIS + ADMIN, {"requirements.txt": "psycopg2-binary\n"},
            ("web", "db", "cache"),
            ("refuse this Compose file: compose.yml:6: `db` is PostgreSQL (`postgres:16`)",
             "The app itself works with PostgreSQL (requirements.txt, line 1).",
             "'admin' (dpage/pgadmin4) is not started: its image cannot be had here."),
        ),
        (
            WEB + "  db:\n    image: mongo\n", {}, ("web",),
            ("`db` is MongoDB (`mongo`)", "'db' (mongo) is not started: its image cannot be had"),
        ),
    ],
)  # fmt: skip
def test_it_is_started_with_what_it_has(
    begin: Begin, hand_in: HandIn, services: str, files: dict[str, str], started: tuple[str, ...],
    notes: tuple[str, ...],
) -> None:  # fmt: skip
    """What an exam would say is noted, and so is what the app itself works with."""
    context = begin()
    found = resolved(context, hand_in, services, files)
    assert found is not None
    assert (found.app.name, found.database, found.port) == ("web", None, 8000)
    assert found.started == started
    assert context.recorder.results[COMPOSE_VALID].outcome is Outcome.PASSED
    said = "\n".join(context.recorder.notes)
    for note in notes:
        assert note in said
    assert (found.database_name, found.database_hosts, found.database_image) == ("", (), "")
    assert view(found).database == ""


def test_a_project_with_mysql_is_as_ever(begin: Begin, hand_in: HandIn) -> None:
    """But for stores that it brings alongside, which are started."""
    context = begin()
    mysql = "  db:\n    image: mysql:8.4\n  other:\n    image: mysql\n"
    found = resolved(context, hand_in, WEB + mysql + REDIS)
    assert found is not None
    assert found.database_name == "db"
    assert found.started == ("web", "db", "cache")
    assert "'other' (mysql) is not started: the app is asked itself, with one database." in str(
        context.recorder.notes
    )


def provided(context: RunContext, found: ComposeRoles, monkeypatch: Any) -> ComposeEnvironment:
    """An environment whose Redis cannot be had."""

    def obtain(image: images.ServerImage, *_: Any, **__: Any) -> SimpleNamespace:
        if image == images.redis_server(image.reference):
            msg = "It is not here."
            raise ImageUnavailable(msg)
        return SimpleNamespace(image="grader/postgres:17", substitution=None, base=None)

    monkeypatch.setattr(images.ServerImage, "obtain", obtain)
    monkeypatch.setattr(images, "tools_image", lambda *_, **__: "grader/tools")
    monkeypatch.setattr(stores, "image_id", lambda *_: "sha256:postgres")
    monkeypatch.setattr(
        module, "create_networks", lambda *_, **__: Networks(inside=("inside-0",), edge="edge")
    )
    routes: list[Any] = []

    def start(*given: Any) -> Gateway:
        routes.append(given[3])
        return GATEWAY

    monkeypatch.setattr(module, "start_gateway", start)
    made = ComposeEnvironment(context, found, found.fresh, cancel=threading.Event())
    made.provide()
    made.start_gateway()
    made.use({"web": "sha256:web"})
    made.write()
    assert 3306 not in routes[0]
    return made


def test_what_cannot_be_had_is_left_out(
    begin: Begin, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is written as it stands, with what a database's image needs to start."""
    context = begin()
    waits = WEB + "    depends_on: [db, cache]\n"
    found = resolved(context, hand_in, waits + POSTGRES + REDIS)
    assert found is not None
    made = provided(context, found, monkeypatch)
    assert made.roles.started == ("web", "db")
    assert "The service 'cache' (redis:7) is not started. It is not here." in context.recorder.notes
    services = written(context, "composer1")["services"]
    assert list(services) == ["web", "db"]
    assert "SETUID" in services["db"]["cap_add"]
    assert "cap_add" not in services["web"]
    assert "GRADER_PASSWORD" not in yaml.safe_dump(services)
    assert list(services["web"]["depends_on"]) == ["db"]
    where = made.settings.app_settings()
    assert (where.database, where.service, where.composed) == ("", "web", True)
    assert where.literals.services == {"db": "", "cache": "redis:7"}
    assert where.literals.refused("root") == where.literals.unknown_database("x") == ""


def test_nothing_waits_for_a_mysql(
    begin: Begin, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that there is comes up, and the app is asked."""
    context = begin()
    found = resolved(context, hand_in, WEB + POSTGRES)
    assert found is not None
    steps = Steps()
    steps.roles = found
    monkeypatch.setattr(RunContext, "watch_disk", lambda self: None)
    project = ComposeProject(context, found, found.fresh)
    project.environment = steps  # type: ignore[assignment]
    assert project.up(APP) is None
    assert steps.done == ["up web db"]
