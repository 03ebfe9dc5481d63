"""Which trials are begun ahead: those that MySQL's log can tell apart afterwards."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from grader.phases.beside import Beside
from grader.phases.context import Context
from grader.phases.launching import App
from grader.services.mysql import MySqlServer
from grader.settings import Settings
from grader.testing import a_challenge

ENVIRONMENT = {"KEY": "a key", "DB_URL": "mysql://u:of-the-database@db/x", "TITLE": "Board"}
INJECTED = {"KEY": "a key", "DB_PASSWORD": "of-the-database", "DB_ROOT_PASSWORD": "of-root"}


class FakeContainer:
    """One that is gone at once."""

    id = ""


class FakeApp:
    """An app that does not start without its secrets."""

    address = ("127.0.0.1", 1)
    container = FakeContainer()

    def start(self, *, within: float) -> Any:
        """It does."""
        del within


class FakeServer:
    """A MySQL server that nobody has been refused by."""

    def log(self, lines: int) -> str:
        """Nothing."""
        del lines
        return ""


def begun(tmp_path: Path, passwords: frozenset[str], *, places: int = 2) -> list[tuple[str, int]]:
    """What is left of the environment in each trial that is begun ahead, and its place."""
    made: list[tuple[str, int]] = []

    def make(environment: Mapping[str, str], place: int) -> App:
        made.append((" ".join(sorted(environment)), place))
        return cast("App", FakeApp())

    context = Context(
        run="r", challenge=a_challenge(), settings=Settings.from_env({}), folder=tmp_path, seed=1,
        listener=lambda event: None, cancel=threading.Event(),
    )  # fmt: skip
    server = cast("MySqlServer", FakeServer())
    beside = Beside(
        context, ENVIRONMENT, INJECTED, make, server, passwords=passwords, places=places
    )
    beside.begin([["DB_PASSWORD"], ["DB_ROOT_PASSWORD"], ["KEY"]])
    for trial in beside._begun.values():
        trial.result()
    beside.close()
    return sorted(made)


def test_what_the_app_never_had_takes_no_place(tmp_path: Path) -> None:
    """The root's password is not in its environment: to be without it is to be as it is."""
    found = begun(tmp_path, frozenset({"of-the-database", "of-root"}))
    assert found == [("DB_URL TITLE", 1), ("KEY TITLE", 0)]


@pytest.mark.parametrize(
    ("passwords", "places"),
    [
        (frozenset[str](), 2),
        (frozenset({"of-the-database", "a key"}), 2),
        (frozenset({"of-the-database"}), 1),
    ],
    ids=["nobody knows which are passwords", "two are", "there is one place"],
)
def test_none_is_begun_where_they_could_not_be_told_apart(
    tmp_path: Path, passwords: frozenset[str], places: int
) -> None:
    """They are started when they are asked for, one after the other."""
    assert begun(tmp_path, passwords, places=places) == []
