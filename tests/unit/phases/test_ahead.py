"""Apps that are tried out without a secret each, while the suite goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from grader.errors import PlatformError
from grader.phases.ahead import Ahead, Seat, Seen
from grader.phases.beside import Beside
from grader.phases.context import Context
from grader.phases.launching import App
from grader.phases.withheld import Given
from grader.sandbox.launch import NotReady
from grader.services.mysql import MySqlServer
from grader.settings import Settings
from grader.testing import a_challenge

GIVEN = Given(
    {"KEY": "a key", "DB_PASSWORD": "the password", "TITLE": "Board"},
    {"KEY": "a key", "DB_PASSWORD": "the password", "OTHER": "not given to the app"},
)
WRONG = "Access denied for user '{}'@'172.18.0.4' (using password: YES)"


class FakeContainer:
    """One that notes that it was removed."""

    id = "c"

    def __init__(self, removed: list[str], *, runs: bool) -> None:
        self._removed = removed
        self._runs = runs

    def state(self) -> Any:
        """Whether it runs."""
        return type("State", (), {"running": self._runs})

    def remove(self) -> None:
        """It is gone."""
        self._removed.append(self.id)


class FakeApp:
    """An app that starts only where `needs` is among what it is given."""

    address = ("127.0.0.1", 1)

    def __init__(self, environment: dict[str, str], needs: str, removed: list[str]) -> None:
        self._starts = needs in environment
        self.container = FakeContainer(removed, runs=self._starts or "SLOW" in environment)

    def start(self, *, within: float) -> NotReady | None:
        """Start, or say why not."""
        del within
        return None if self._starts else NotReady(rationale="no", evidence="", cause="crash")


class FakeServer:
    """A MySQL server with that log."""

    def __init__(self, log: str) -> None:
        self._log = log

    def entries(self) -> list[str]:
        """Its lines."""
        return self._log.split("\n")


class Table:
    """Trials with apps that need `KEY`, and what was made and removed for them."""

    def __init__(self, folder: Path, log: str = "", given: Given = GIVEN) -> None:
        self.made: list[dict[str, str]] = []
        self.removed: list[str] = []
        self.seats = 0
        self._given = given
        context = Context(
            run="r", challenge=a_challenge(), settings=Settings.from_env({}), folder=folder,
            seed=1, listener=lambda event: None, cancel=threading.Event(),
        )  # fmt: skip
        server = cast("MySqlServer", FakeServer(log))
        self.ahead = Ahead(context, [self.seat, self.seat], server)

    def seat(self) -> Seat:
        """A seat whose account is `guest`."""
        self.seats += 1
        return Seat(given=self._given, make=self._make, user="guest")

    def _make(self, environment: Mapping[str, str]) -> App:
        self.made.append(dict(environment))
        return cast("App", FakeApp(dict(environment), "KEY", self.removed))

    def seen(self, *names: str) -> list[Seen | None]:
        """What came of the trials without `names`."""
        self.ahead.begin(names)
        found = [self.ahead.seen(name) for name in names]
        self.ahead.close()
        return found


def test_it_says_which_app_did_not_get_ready_and_leaves_none(tmp_path: Path) -> None:
    """Each is without one secret and keeps the rest."""
    table = Table(tmp_path)
    assert table.seen("KEY", "DB_PASSWORD") == [Seen(guessed=False), None]
    assert sorted(" ".join(one) for one in table.made) == ["DB_PASSWORD TITLE", "KEY TITLE"]
    assert len(table.removed) == 2


def test_one_that_still_starts_says_nothing(tmp_path: Path) -> None:
    """It may only be slow: it is started again, by itself."""
    table = Table(tmp_path, given=Given({**GIVEN.environment, "SLOW": "yes"}, GIVEN.injected))
    assert table.seen("KEY") == [None]
    assert len(table.removed) == 1


def test_more_trials_than_seats_take_turns(tmp_path: Path) -> None:
    """A seat is made once, and used again."""
    given = Given({f"S{number}": str(number) for number in range(6)}, {})
    table = Table(tmp_path, given=given)
    assert table.seen(*given.environment) == [Seen(guessed=False)] * 6
    assert 1 <= table.seats <= 2


@pytest.mark.parametrize(("who", "guessed"), [("guest", True), ("student_1", False)])
def test_a_password_of_its_own_is_told_by_its_account(
    tmp_path: Path, who: str, guessed: bool
) -> None:
    """What the examined app has tried is not the trial's."""
    assert Table(tmp_path, WRONG.format(who)).seen("KEY") == [Seen(guessed=guessed)]


@pytest.mark.parametrize(
    "given",
    [
        Given({"TITLE": "Board"}, {"KEY": "a key"}),
        Given({"DB_URL": "mysql://guest:a-key@mysql/x"}, {"KEY": "a-key"}),
    ],
    ids=["it never had it", "its account is gone with it"],
)
def test_a_trial_that_would_say_nothing_is_not_begun(tmp_path: Path, given: Given) -> None:
    """Nobody could tell whose account an app takes that was not told one."""
    table = Table(tmp_path, given=given)
    assert table.seen("KEY") == [None]
    assert table.made == []


def test_a_fault_of_the_platform_is_no_finding(tmp_path: Path) -> None:
    """The app is started again when it is asked for; the seat stays for the others."""
    table = Table(tmp_path)
    failing: list[Callable[[], Seat]] = [table.seat]

    def seat() -> Seat:
        if failing:
            failing.pop()
            msg = "the engine is gone"
            raise PlatformError(msg)
        return table.seat()

    table.ahead = Ahead(table.ahead._context, [seat], None)
    assert table.seen("KEY", "KEY") == [Seen(guessed=False)] * 2


def test_settled_means_that_none_is_under_way(tmp_path: Path) -> None:
    """MySQL is not stopped under an app that still starts."""
    table = Table(tmp_path)
    table.ahead.settle()  # nothing was begun
    table.ahead.begin(["KEY", "DB_PASSWORD"])
    table.ahead.settle()
    assert len(table.removed) == 2
    table.ahead.close()


class Growing(FakeServer):
    """A MySQL server that refuses someone each time that it is looked at."""

    def __init__(self) -> None:
        super().__init__("")
        self.guests = ()

    def entries(self) -> list[str]:
        """One line more than before."""
        self._log += f"\n{WRONG.format('student')} {len(self._log)}"
        return super().entries()


class Silent(FakeServer):
    """One that refuses nobody."""

    guests = ()


def sharing(table: Table, server: FakeServer) -> Beside:
    """Trials that log in with the app's own account."""
    ahead = Ahead(table.ahead._context, [table.seat, table.seat], None)
    mysql = cast("MySqlServer", server)
    return Beside(table.ahead._context, GIVEN, table._make, mysql, ahead=ahead, shared=True)


def test_those_that_share_the_schema_are_started_once_they_are_asked_for(tmp_path: Path) -> None:
    """Until then nothing may change in it; then all are started, side by side."""
    table = Table(tmp_path)
    beside = sharing(table, Silent(""))
    beside.begin(["DB_PASSWORD", "KEY"])
    beside.settle()
    assert table.made == []
    assert beside.seen_ahead("DB_PASSWORD") is None
    assert len(table.made) == 2
    assert beside.seen_ahead("KEY") == {"guessed": False}
    assert len(table.made) == 2
    beside.close()


def test_where_one_of_them_was_refused_each_is_asked_for_by_itself(tmp_path: Path) -> None:
    """With one account nobody can tell which it was; it is no refusal of the app's own either."""
    table = Table(tmp_path)
    beside = sharing(table, Growing())
    beside.begin(["DB_PASSWORD", "KEY"])
    assert beside.seen_ahead("DB_PASSWORD") is None
    assert beside.seen_ahead("KEY") is None
    assert len(beside._tried) == 1
    beside.close()
