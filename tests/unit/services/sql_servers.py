"""Stand-ins for the drivers of SQL servers: they note what is asked, and answer as told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Self

import pytest

from grader.services.base import ServerPlacement
from grader.services.mysql.access import MySqlAccess
from grader.services.mysql.server import MySql
from grader.services.postgres.server import Postgres
from grader.testing import FakeApi, fake_engine

ADDRESS = ("127.0.0.1", 1)
Answers = Mapping[str, Any]
"""For a part of a statement its rows, an error to raise, or a list of such to give in turn."""


def container(**more: Any) -> Any:
    """Return what testcontainers would give."""
    return SimpleNamespace(get_container_id=lambda: "container", start=lambda: None, **more)


def placement(api: FakeApi | None = None) -> ServerPlacement:
    """Return where a server would be made."""
    return ServerPlacement(engine=fake_engine(api), network="inside", labels={"run": "7"})


OWN = "172.18.0.2"
WITHIN = {"NetworkSettings": {"Networks": {"inside": {"IPAddress": OWN}}}}
"""What the engine says of a server's container."""


def a_postgres(**answers: Any) -> Postgres:
    """Return a PostgreSQL server whose engine gives `answers`."""
    api = FakeApi(**{"logs": b"", "inspect_container": WITHIN, **answers})
    return Postgres(placement(api), container(), "of-the-administrator")


def a_mysql(**answers: Any) -> MySql:
    """Return a MySQL server whose engine gives `answers`."""
    api = FakeApi(**{"logs": b"", "inspect_container": WITHIN, **answers})
    return MySql(placement(api), container(), MySqlAccess.draw())


class FakeDriver:
    """What takes the place of `open_mysql` and `open_postgres`."""

    def __init__(self, answers: Answers) -> None:
        self.answers = dict(answers)
        self.ran: list[str] = []
        """The statements, in order, with their arguments."""
        self.opened: list[dict[str, Any]] = []
        """How each connection was opened."""
        self.closed = 0

    def open(self, address: tuple[str, int], **options: Any) -> FakeConnection:
        """Open a connection, or raise what is told for `open`."""
        self.opened.append({"address": address, **options})
        if (error := self._next("open")) is not None:
            raise error
        return FakeConnection(self)

    def answer(self, sql: str) -> list[tuple[Any, ...]]:
        """Note a statement and return its rows."""
        self.ran.append(sql)
        found = next((part for part in self.answers if part in sql), None)
        rows = self._next(found) if found else []
        if isinstance(rows, Exception):
            raise rows
        return list(rows or [])

    def _next(self, part: str | None) -> Any:
        answer = self.answers.get(part or "")
        if isinstance(answer, list) and answer and isinstance(answer[0], list | Exception):
            return answer.pop(0)
        return answer


class FakeConnection:
    """One connection of either kind."""

    def __init__(self, driver: FakeDriver) -> None:
        self._driver = driver
        self._rows: list[tuple[Any, ...]] = []
        self._later: list[list[tuple[Any, ...]]] = []
        self.description: object = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._driver.closed += 1

    def begin(self, seconds: float) -> None:
        """A conversation begins."""
        assert seconds > 0

    def abort(self) -> None:
        """It is closed."""
        self._driver.closed += 1

    close = abort

    def cursor(self) -> FakeConnection:
        """It is its own cursor."""
        return self

    def execute(self, sql: Any, args: Sequence[Any] | None = None) -> FakeConnection:
        """Take one statement, or several at a time."""
        text = sql if isinstance(sql, str) else sql.as_string(None)
        if args:
            text = text % tuple(map(repr, args))
        first, *rest = text.split(";\n")
        self._rows = self._driver.answer(first)
        self._later = [self._driver.answer(one) for one in rest]
        return self

    def nextset(self) -> None:
        """Go on to the next statement's rows."""
        self._rows = self._later.pop(0) if self._later else []

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows."""
        return self._rows


def of_mysql(monkeypatch: pytest.MonkeyPatch, **answers: Any) -> FakeDriver:
    """Have every connection to MySQL be a stand-in's."""
    driver = FakeDriver({name.replace("_", " "): one for name, one in answers.items()})
    monkeypatch.setattr("grader.deadline.mysql.open_mysql", driver.open)
    return driver


def of_postgres(monkeypatch: pytest.MonkeyPatch, **answers: Any) -> FakeDriver:
    """Have every connection to PostgreSQL be a stand-in's."""
    driver = FakeDriver({name.replace("_", " "): one for name, one in answers.items()})
    monkeypatch.setattr("grader.deadline.postgres.open_postgres", driver.open)
    return driver
