"""Each SQL service: the image that it asks for, and the server that it starts."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model import ServiceSpec, Substitution
from grader.sandbox.images import (
    ResolvedImage,
    ServerImage,
    mariadb_server,
    mysql_server,
    postgres_server,
)
from grader.services.base import Service, ServiceImage
from grader.services.mariadb.service import MariaDbService
from grader.services.mysql.service import MySqlService
from grader.services.postgres.service import PostgresService
from grader.testing import fake_engine
from tests.unit.services.sql_servers import container, placement

MAKERS = {"mysql": mysql_server, "mariadb": mariadb_server, "postgres": postgres_server}


@pytest.mark.parametrize(
    ("service", "name", "passwords"),
    [
        (MySqlService(), "mysql", "MYSQL_ROOT_PASSWORD"),
        (MariaDbService(), "mariadb", "GRADER_PASSWORD"),
        (PostgresService(), "postgres", "POSTGRES_PASSWORD"),
    ],
)
def test_it_takes_the_image_asked_for_and_starts_a_server(
    monkeypatch: pytest.MonkeyPatch, service: Service, name: str, passwords: str
) -> None:
    """What takes the image's place is told; the server has the service's name on its network."""
    swap = Substitution(wanted=f"{name}:8", used="another", reason="no registry")
    asked: list[str] = []

    def obtain(image: ServerImage, *_: object, **__: object) -> ResolvedImage:
        asked.append(image.reference)
        return ResolvedImage(reference=image.reference, image="made", substitution=swap)

    monkeypatch.setattr(ServerImage, "obtain", obtain)
    spec = ServiceSpec(name=name, image=f"{name}:8")
    settings: Any = None
    image = service.image(fake_engine(), spec, settings, lambda text: None)
    assert asked == [f"{name}:8"]
    assert service.wanted(spec) == MAKERS[name](f"{name}:8")
    assert image == ServiceImage(image="made", wanted=f"{name}:8", substitution=swap)

    made: list[tuple[str, dict[str, str], str]] = []
    started: list[bool] = []

    def placed(image: str, environment: dict[str, str], alias: str, *_: object) -> object:
        made.append((image, environment, alias))
        one = container()
        one.start = lambda: started.append(True)
        return one

    monkeypatch.setattr(f"grader.services.{name}.server.placed", placed)
    server = service.start(image, spec, placement())
    assert started == [True]
    assert server.id == "container"
    ((image_run, environment, alias),) = made
    assert (image_run, alias) == ("made", name)
    assert server.tenant.values["host"] == name
    assert environment[passwords] in server.secrets().values()
