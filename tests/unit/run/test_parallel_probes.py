"""Apps that are tried out without a secret each, while the suite goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from grader.errors import PlatformError
from grader.exam.operations import EndedProbe
from grader.run.app import DeployedApp
from grader.run.context import RunContext
from grader.run.probes.environment import AppEnvironment
from grader.run.probes.parallel import ParallelProbes, ProbeOutcome, ProbeSlot
from grader.run.probes.sequential import SecretProbe
from grader.sandbox.launch import NotReady
from grader.services.base import Address, Refusal, Server, Tenant
from grader.services.mysql.server import refusals_in
from grader.settings import Settings
from grader.testing import a_challenge

GIVEN = AppEnvironment(
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


class FakeServer(Server):
    """A server with the log that a MySQL of its kind would have."""

    id = "server"
    tenant = Tenant(user="student", values={})

    def __init__(self, log: str) -> None:
        self._log = log

    def await_ready(self, address: Address, cancel: threading.Event) -> None:
        """It is there."""

    def stop(self) -> None:
        """It stays."""

    def start_again(self, address: Address, cancel: threading.Event) -> None:
        """It has never gone."""

    def told(self, address: Address) -> dict[str, Any]:
        """Nothing."""
        return {}

    def refusals(self) -> tuple[Refusal, ...]:
        """What its log tells."""
        return refusals_in(self._log.split("\n"))


class Table:
    """Trials with apps that need `KEY`, and what was made and removed for them."""

    def __init__(self, folder: Path, log: str = "", given: AppEnvironment = GIVEN) -> None:
        self.made: list[dict[str, str]] = []
        self.removed: list[str] = []
        self.slots = 0
        self._given = given
        context = RunContext.begin(
            run="r", challenge=a_challenge(), settings=Settings.from_env({}), folder=folder,
            seed=1, listener=lambda event: None, cancel=threading.Event(),
        )  # fmt: skip
        servers = (FakeServer(log),)
        self.parallel = ParallelProbes(context, [self.slot, self.slot], servers)

    def slot(self) -> ProbeSlot:
        """A seat whose account is `guest`."""
        self.slots += 1
        return ProbeSlot(given=self._given, make=self._make, users=frozenset({"guest"}))

    def _make(self, environment: Mapping[str, str]) -> DeployedApp:
        self.made.append(dict(environment))
        return cast("DeployedApp", FakeApp(dict(environment), "KEY", self.removed))

    def seen(self, *names: str) -> list[ProbeOutcome | None]:
        """What came of the trials without `names`."""
        self.parallel.begin(names)
        found = [self.parallel.seen(name) for name in names]
        self.parallel.close()
        return found


def test_it_says_which_app_did_not_get_ready_and_leaves_none(tmp_path: Path) -> None:
    """Each is without one secret and keeps the rest."""
    table = Table(tmp_path)
    assert table.seen("KEY", "DB_PASSWORD") == [ProbeOutcome(guessed=False), None]
    assert sorted(" ".join(one) for one in table.made) == ["DB_PASSWORD TITLE", "KEY TITLE"]
    assert len(table.removed) == 2


def test_one_that_still_starts_says_nothing(tmp_path: Path) -> None:
    """It may only be slow: it is started again, by itself."""
    table = Table(
        tmp_path, given=AppEnvironment({**GIVEN.environment, "SLOW": "yes"}, GIVEN.injected)
    )
    assert table.seen("KEY") == [None]
    assert len(table.removed) == 1


def test_more_trials_than_seats_take_turns(tmp_path: Path) -> None:
    """A seat is made once, and used again."""
    given = AppEnvironment({f"S{number}": str(number) for number in range(6)}, {})
    table = Table(tmp_path, given=given)
    assert table.seen(*given.environment) == [ProbeOutcome(guessed=False)] * 6
    assert 1 <= table.slots <= 2


@pytest.mark.parametrize(("who", "guessed"), [("guest", True), ("student_1", False)])
def test_a_password_of_its_own_is_told_by_its_account(
    tmp_path: Path, who: str, guessed: bool
) -> None:
    """What the examined app has tried is not the trial's."""
    assert Table(tmp_path, WRONG.format(who)).seen("KEY") == [ProbeOutcome(guessed=guessed)]


@pytest.mark.parametrize(
    "given",
    [
        AppEnvironment({"TITLE": "Board"}, {"KEY": "a key"}),
        AppEnvironment({"DB_URL": "mysql://guest:a-key@mysql/x"}, {"KEY": "a-key"}),
    ],
    ids=["it never had it", "its account is gone with it"],
)
def test_a_trial_that_would_say_nothing_is_not_begun(tmp_path: Path, given: AppEnvironment) -> None:
    """Nobody could tell whose account an app takes that was not told one."""
    table = Table(tmp_path, given=given)
    assert table.seen("KEY") == [None]
    assert table.made == []


def test_a_fault_of_the_platform_is_no_finding(tmp_path: Path) -> None:
    """The app is started again when it is asked for; the seat stays for the others."""
    table = Table(tmp_path)
    failing: list[Callable[[], ProbeSlot]] = [table.slot]

    def slot() -> ProbeSlot:
        if failing:
            failing.pop()
            msg = "the engine is gone"
            raise PlatformError(msg)
        return table.slot()

    table.parallel = ParallelProbes(table.parallel._context, [slot])
    assert table.seen("KEY", "KEY") == [ProbeOutcome(guessed=False)] * 2


def test_settled_means_that_none_is_under_way(tmp_path: Path) -> None:
    """MySQL is not stopped under an app that still starts."""
    table = Table(tmp_path)
    table.parallel.settle()  # nothing was begun
    table.parallel.begin(["KEY", "DB_PASSWORD"])
    table.parallel.settle()
    assert len(table.removed) == 2
    table.parallel.close()


class Growing(FakeServer):
    """One that refuses someone each time that it is looked at."""

    def refusals(self) -> tuple[Refusal, ...]:
        """One more than before."""
        self._log += f"\n{WRONG.format('student')} {len(self._log)}"
        return super().refusals()


class Silent(FakeServer):
    """One that refuses nobody."""


def sharing(table: Table, server: FakeServer) -> SecretProbe:
    """Trials that log in with the app's own account."""
    parallel = ParallelProbes(table.parallel._context, [table.slot, table.slot])
    return SecretProbe(
        table.parallel._context, GIVEN, table._make, (server,), parallel=parallel, shared=True
    )


def test_those_that_share_the_schema_are_started_once_they_are_asked_for(tmp_path: Path) -> None:
    """Until then nothing may change in it; then all are started, side by side."""
    table = Table(tmp_path)
    probe = sharing(table, Silent(""))
    probe.begin(["DB_PASSWORD", "KEY"])
    probe.settle()
    assert table.made == []
    assert probe.ended("DB_PASSWORD") is None
    assert len(table.made) == 2
    assert probe.ended("KEY") == EndedProbe(guessed=False)
    assert len(table.made) == 2
    probe.close()


def test_where_one_of_them_was_refused_each_is_asked_for_by_itself(tmp_path: Path) -> None:
    """With one account nobody can tell which it was; it is no refusal of the app's own either."""
    table = Table(tmp_path)
    probe = sharing(table, Growing(""))
    probe.begin(["DB_PASSWORD", "KEY"])
    assert probe.ended("DB_PASSWORD") is None
    assert probe.ended("KEY") is None
    assert len(probe._tried) == 1
    probe.close()
