"""When the trial with a late database is removed: during the examination, or with the run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.criteria import DATABASE_LATE
from grader.errors import PlatformError
from grader.model import CheckResult, Outcome
from grader.run.probes.late_database import BackgroundProbe, LateDatabaseProbe


class Trial:
    """A trial that ends when it is told to."""

    def __init__(self) -> None:
        self.context = SimpleNamespace(phase=lambda _name: nullcontext())
        self.given_up = threading.Event()
        self.go_on, self.removed = threading.Event(), threading.Event()
        self.fault: Exception | None = None

    def run(self) -> CheckResult:
        assert self.go_on.wait(10)
        if self.fault:
            raise self.fault
        return CheckResult(criterion=DATABASE_LATE, outcome=Outcome.PASSED)

    def remove(self) -> None:
        self.removed.set()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield pool


def started(pool: ThreadPoolExecutor, trial: Trial) -> BackgroundProbe:
    return BackgroundProbe(pool, cast("LateDatabaseProbe", cast("Any", trial)))


def test_it_is_removed_while_nobody_waits_for_it(pool: ThreadPoolExecutor) -> None:
    """Its result is there before, and stays."""
    trial = Trial()
    running = started(pool, trial)
    assert not running.over
    trial.go_on.set()
    assert trial.removed.wait(10)
    assert running.over
    assert running.result().outcome is Outcome.PASSED


def test_who_waits_for_it_does_not_wait_for_its_removal() -> None:
    """What the run has made is removed at its end, once the result is shown."""
    trial = Trial()
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = started(pool, trial)
        waiting = pool.submit(running.result)
        assert running._awaited.wait(10)
        trial.go_on.set()
        assert waiting.result(10).outcome is Outcome.PASSED
    assert not trial.removed.is_set()


def test_a_trial_that_failed_says_so_when_it_is_asked(pool: ThreadPoolExecutor) -> None:
    """It is left to the end of the run."""
    trial = Trial()
    trial.fault = PlatformError("The engine went away.")
    trial.go_on.set()
    running = started(pool, trial)
    with pytest.raises(PlatformError, match="went away"):
        running.result()
    assert not trial.removed.is_set()
