"""The database of a Compose project: its container comes and goes with the project."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from docker.errors import APIError

from grader.errors import PlatformError
from grader.run.compose.database_server import (
    ACCOUNT,
    WRITER,
    ComposedMariaDb,
    ComposedMySql,
    ComposedPostgres,
    composed_server,
)
from grader.services.base import ServerEnded
from grader.services.mysql.access import MySqlAccess
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


def composed(begin: Begin, kind: str, **answers: Any) -> Any:
    """The server of a project whose database is of that kind."""
    project: Any = FakeCompose()
    roles: Any = SimpleNamespace(
        database_kind=kind, is_mariadb=kind == "mariadb", database_name="db"
    )
    return composed_server(
        begin(FakeApi(**answers)), project, roles, database="shop", password="drawn"
    )


def test_the_server_is_of_the_databases_kind(begin: Begin) -> None:
    found = composed(begin, "postgres")
    assert isinstance(found, ComposedPostgres)
    assert (found.title, found.id) == ("PostgreSQL", "first")


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_mysql_and_mariadb_have_an_administrator_of_the_graders(begin: Begin, kind: str) -> None:
    found = composed(begin, kind)
    assert isinstance(found, ComposedMySql)
    assert isinstance(found, ComposedMariaDb) == (kind == "mariadb")
    told = found.told(ADDRESS)
    assert (told["user"], told["password"], told["database"]) == (ACCOUNT, "drawn", "shop")


def test_a_postgres_is_read_and_written_with_two_accounts(begin: Begin) -> None:
    """Neither is an administrator; that of the app is the student's to make."""
    found = composed(begin, "postgres")
    told = found.told(ADDRESS)
    assert (told["user"], told["password"], told["database"]) == (ACCOUNT, "drawn", "shop")
    assert (told["account"], told["own"]) == ("", True)
    operations = found.operations(ADDRESS, lambda _: None)
    assert set(operations) == {"writer"}
    assert operations["writer"]() == {"user": WRITER, "password": "drawn"}


@pytest.mark.parametrize(
    ("said", "ready"),
    [
        (None, True),
        (psycopg.OperationalError('FATAL:  database "shop" does not exist'), True),
        (psycopg.OperationalError("FATAL:  sorry, too many clients already"), True),
        (psycopg.OperationalError("FATAL:  the database system is starting up"), False),
        (psycopg.OperationalError("Connection refused"), False),
        (IndexError("no such field"), False),
    ],
)
def test_a_postgres_is_there_whatever_it_says_to_the_grader(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, said: Exception | None, ready: bool
) -> None:
    """But for what says that it starts, and for what is no PostgreSQL."""

    def opened(address: tuple[str, int], **options: Any) -> Any:
        assert (options["user"], options["database"]) == (ACCOUNT, "shop")
        if said:
            raise said
        return SimpleNamespace(abort=lambda: None)

    monkeypatch.setattr("grader.deadline.postgres.open_postgres", opened)
    assert (composed(begin, "postgres").attempt(ADDRESS) == "") == ready


def test_who_a_postgres_refuses_is_told_by_its_log(begin: Begin) -> None:
    line = (
        "2026-01-01 00:00:00.1 UTC/9/1 172.18.0.3 authentication FATAL:  password authentication "
        'failed for user "shop"'
    )
    own = {"NetworkSettings": {"Networks": {"inside": {"IPAddress": "172.18.0.2"}}}}
    logs = f"{line}\n{line.replace('172.18.0.3', '172.18.0.2')}".encode()
    (found,) = composed(begin, "postgres", logs=logs, inspect_container=own).refusals()
    assert (found.user, found.host) == ("shop", "172.18.0.3")


def test_what_is_no_postgres_has_nothing_to_note(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*_: object) -> Any:
        raise IndexError

    monkeypatch.setattr("grader.services.postgres.observe.noted_objects", odd)
    with pytest.raises(PlatformError, match="is no PostgreSQL server"):
        composed(begin, "postgres").notes(ADDRESS)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"R\0\0\0\x08\0\0\0\0" + b"\xff" * 64,
        b"R\x7f\xff\xff\xff" + b"x" * 4096,
        b"",
    ],
)
def test_what_speaks_no_postgres_is_not_there(begin: Begin, said: bytes) -> None:
    """However it answers; the look ends in its time."""

    def speak(listener: socket.socket) -> None:
        with suppress(OSError):  # the listener is closed with the test
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    assert connection.recv(1000)
                    connection.sendall(said)

    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=speak, args=(listener,), daemon=True).start()
        assert composed(begin, "postgres").attempt(listener.getsockname()[:2])
    assert time.monotonic() - began < 5
