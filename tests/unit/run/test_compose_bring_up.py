"""Who is to blame where a project comes up with other values only."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.run.compose import bring_up
from grader.run.compose.bring_up import BringUp, as_submitted
from grader.sandbox.launch import NotReady
from tests.unit.run.test_compose_roles import roles

SLOW = NotReady(rationale="Nothing answers.", evidence="")
FOUND = roles()


class Project:
    """A project that fails, or comes up, as was said of its suffix."""

    made: list[Project]
    outcomes: dict[str, NotReady | None]

    def __init__(self, *_: object, suffix: str = "") -> None:
        self.suffix, self.removed = suffix, False
        self.environment = SimpleNamespace(
            use=lambda images: None, write=lambda: None, app=lambda: None, remove=self._remove
        )
        self.made.append(self)

    def _remove(self) -> None:
        self.removed = True

    def provision(self) -> None:
        """Do nothing."""

    def up(self, app: object) -> NotReady | None:
        """Return what was said of it."""
        return self.outcomes[self.suffix]


def outcome(
    monkeypatch: pytest.MonkeyPatch,
    *,
    first: NotReady | None = SLOW,
    second: NotReady | None = None,
    third: NotReady | None = None,
    refused: tuple[str, ...] = (),
) -> tuple[str, str, list[str]]:
    """Return which project stays, what the refusal is, and which were removed."""
    Project.made, Project.outcomes = [], {"b": second, "c": third}
    monkeypatch.setattr(bring_up, "ComposeProject", Project)
    monkeypatch.setattr(bring_up, "refused_names", lambda project: list(refused))
    start = BringUp(cast("Any", Project(suffix="")), cast("Any", None), first, FOUND.fresh)
    found, refusal = as_submitted(cast("Any", None), FOUND, start, {}, "refused")
    removed = [one.suffix for one in Project.made if one.removed]
    return cast("Project", found.project).suffix, refusal, removed


def test_values_that_the_database_refused_are_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has to be tried again."""
    assert outcome(monkeypatch, refused=("app",)) == ("b", "refused", [""])


def test_a_machine_that_was_slow_is_not_held_against_the_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The database has refused nobody, and they do at the second try."""
    assert outcome(monkeypatch) == ("c", "", ["", "b"])


def test_values_that_fail_twice_are_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app may know its password by heart and never ask the database."""
    assert outcome(monkeypatch, third=SLOW) == ("b", "refused", ["", "c"])


def test_what_never_comes_up_is_told_by_its_last_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was handed in."""
    assert outcome(monkeypatch, second=SLOW) == ("b", "refused", [""])


def test_one_that_came_up_stays_where_the_other_values_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is examined as it is."""
    assert outcome(monkeypatch, first=None, second=SLOW, refused=("app",)) == ("", "refused", ["b"])
