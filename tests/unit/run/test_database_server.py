"""The database of a Compose project: its container comes and goes with the project."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError

from grader.errors import PlatformError
from grader.run.compose.database_server import ComposedMariaDb, ComposedMySql
from grader.services.base import ServerEnded
from grader.services.mysql.server import MySqlAccess
from grader.testing import FakeApi
from tests.unit.run.conftest import Begin

ADDRESS = ("127.0.0.1", 1)


class FakeCompose:
    """A project whose containers are as they are told."""

    def __init__(self, failing: Exception | None = None) -> None:
        self.containers = {"db": "first"}
        self.confirmed = 0
        self._failing = failing

    def container(self, service: str) -> str:
        return self.containers.get(service, "")

    def confirm(self) -> None:
        self.confirmed += 1
        if self._failing:
            raise self._failing


def server(begin: Begin, compose: FakeCompose, **answers: Any) -> ComposedMySql:
    """The server of the service `db`, whose engine gives `answers`."""
    project: Any = compose
    return ComposedMySql(begin(FakeApi(**answers)), project, "db", MySqlAccess.draw())


def refused(*_: object) -> None:
    answer: Any = SimpleNamespace(status_code=500, reason="x", url="x")
    msg = "driver failed"
    raise APIError(msg, answer, explanation="\x1b[2J port is already allocated")


def test_its_container_is_the_one_that_the_project_has_now(begin: Begin) -> None:
    compose = FakeCompose()
    found = server(begin, compose)
    assert (found.id, found.own) == ("first", True)
    compose.containers["db"] = "second"
    assert found.id == "second"
    compose.containers.clear()
    assert found.id == ""


def test_what_keeps_it_from_starting_again_is_the_project_s(begin: Begin) -> None:
    """Once the platform is found to be sound; the engine's words are cleaned."""
    compose = FakeCompose()
    with pytest.raises(ServerEnded, match="cannot be started again") as ended:
        server(begin, compose, start=refused).start_again(ADDRESS, threading.Event())
    assert compose.confirmed == 1
    assert "port is already allocated" in str(ended.value)
    assert "\x1b" not in str(ended.value)


def test_an_unsound_platform_is_no_fault_of_the_project(begin: Begin) -> None:
    compose = FakeCompose(PlatformError("There is no room on the disk."))
    with pytest.raises(PlatformError, match="no room") as caught:
        server(begin, compose, start=refused).start_again(ADDRESS, threading.Event())
    assert not isinstance(caught.value, ServerEnded)


def test_an_engine_that_is_gone_is_not_asked_about_the_project(begin: Begin) -> None:
    def gone(*_: object) -> None:
        raise ConnectionError

    compose = FakeCompose()
    with pytest.raises(PlatformError) as caught:
        server(begin, compose, start=gone).start_again(ADDRESS, threading.Event())
    assert not isinstance(caught.value, ServerEnded)
    assert compose.confirmed == 0


def test_a_mariadb_is_called_by_its_name() -> None:
    assert issubclass(ComposedMariaDb, ComposedMySql)
    assert (ComposedMySql.title, ComposedMariaDb.title) == ("MySQL", "MariaDB")
