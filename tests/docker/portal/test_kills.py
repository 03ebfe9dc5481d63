"""Workers that are killed or cut off, and a database that goes away: nothing is lost or doubled."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from grader.portal.data.work import GradingResult, GradingState
from grader.portal.store import BlobStore
from grader.settings import REPOSITORY
from grader.waiting import wait_until
from tests.docker.portal.people import CONTENT, School
from tests.docker.portal.test_worker import state_of

WITHIN = 90.0
"""Seconds; a process takes many to start on a machine that is overloaded."""
OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Workers:
    """Processes of workers that wait for the file `go`."""

    def __init__(self, here: School, folder: Path) -> None:
        self._here = here
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []
        BlobStore(folder / "blobs").put(io.BytesIO(CONTENT), most=len(CONTENT))

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start one."""
        command = [sys.executable, "-m", "tests.docker.portal.stand_in"]
        with (self.folder / f"{name}.log").open("wb") as log:
            found = subprocess.Popen(
                [*command, self._here.database.url, str(self.folder), name],
                cwd=REPOSITORY, stdout=log, stderr=log, env=os.environ | {"PYTHONPATH": "."},
            )  # fmt: skip
        self.started.append(found)
        return found

    def go(self) -> None:
        """Let all of them go on."""
        (self.folder / "go").touch()

    def kill(self) -> None:
        """Kill all of them."""
        for one in self.started:
            one.kill()
            one.wait()

    def told(self, name: str) -> bool:
        """Whether the file `name` is there within the time."""
        return bool(wait_until((self.folder / name).exists, within=WITHIN))


@pytest.fixture
def workers(here: School, tmp_path: Path) -> Iterator[Workers]:
    """None yet; all of them are killed at the end."""
    found = Workers(here, tmp_path)
    yield found
    found.kill()


def let_leases_end(here: School) -> None:
    """As if half a minute had passed."""
    with here.database.transaction() as session:
        session.execute(text("UPDATE grading SET lease_until = now() - interval '1 second'"))


def results(here: School) -> list[int]:
    """The gradings that have a result."""
    with here.database.transaction() as session:
        return list(session.scalars(select(GradingResult.grading_id)))


def test_a_worker_is_killed(here: School, workers: Workers) -> None:
    """Another one grades it, once."""
    _, grading = here.hand_in()
    first = workers.start("first")
    assert workers.told("first-began")
    first.kill()
    first.wait()
    let_leases_end(here)
    workers.go()
    workers.start("second")
    assert workers.told("second-began")
    assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    assert results(here) == [grading]
    assert here.grading(grading).attempt == 2


def test_a_worker_is_cut_off_and_comes_back(here: School, workers: Workers) -> None:
    """It has lost its lease, and its result is dropped."""
    _, grading = here.hand_in()
    first = workers.start("first")
    assert workers.told("first-began")
    first.send_signal(signal.SIGSTOP)
    let_leases_end(here)
    workers.start("second")
    assert workers.told("second-began")
    first.send_signal(signal.SIGCONT)
    workers.go()
    assert workers.told("first-graded")
    assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    log = workers.folder / "first.log"
    assert wait_until(lambda: "dropped" in log.read_text("utf-8"), within=WITHIN)
    assert results(here) == [grading]
    assert here.grading(grading).attempt == 2


def test_the_database_goes_away(here: School, workers: Workers) -> None:
    """In mid-run: the result is written all the same, and the worker goes on listening."""
    _, grading = here.hand_in()
    workers.start("only")
    assert workers.told("only-began")
    with here.database.transaction() as session:
        session.execute(OTHERS)
    workers.go()
    assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    assert here.grading(grading).attempt == 1
    _, second = here.hand_in("ben")
    assert state_of(here, second, GradingState.DONE) is GradingState.DONE
    assert sorted(results(here)) == [grading, second]
