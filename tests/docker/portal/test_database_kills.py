"""PostgreSQL killed by SIGKILL at each step of the flow: nothing is lost or doubled."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests
from sqlalchemy import select

from grader.portal.data.database import libpq_url
from grader.portal.data.work import Grading, GradingResult, GradingState
from grader.settings import Settings
from grader.waiting import wait_until
from tests.docker.portal import web_stand_in
from tests.docker.portal.people import School
from tests.docker.portal.test_kills import WITHIN, Workers, results
from tests.docker.portal.test_transactions import jobs
from tests.docker.portal.test_web_kills import Pages, submissions
from tests.docker.portal.test_worker import quick, state_of, working
from tests.docker.portal.web import archive

KILL = "COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID'"
"""One process of PostgreSQL dies, so that all end, and it recovers from its log."""


def kill_database(here: School) -> None:
    """Return once it has been killed, and answers again."""
    address = libpq_url(here.database.url)

    def answers() -> bool:
        try:
            psycopg.connect(address, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    with pytest.raises(psycopg.OperationalError), psycopg.connect(address, autocommit=True) as one:
        one.execute(KILL)
    assert wait_until(answers, within=WITHIN)


@pytest.fixture
def workers(here: School, tmp_path: Path) -> Iterator[Workers]:
    """None yet; all of them are killed at the end."""
    found = Workers(here, tmp_path)
    yield found
    found.kill()


@pytest.fixture
def pages(here: School, machine: Settings) -> Iterator[Pages]:
    """Not started yet; killed at the end."""
    machine.state.mkdir(parents=True)
    found = Pages(here, machine.state)
    yield found
    found.kill()


@pytest.mark.parametrize("step", web_stand_in.STEPS[1:])
def test_while_somebody_hands_in(pages: Pages, machine: Settings, step: str) -> None:
    """The same form, sent again, is one submission with one grading and one result."""
    here, key, content = pages.here, secrets.token_hex(8), archive(Dockerfile="x" * 5000)
    pages.start(step)

    def send() -> None:
        with pytest.raises(requests.RequestException):
            pages.hand_in(key, content)

    sending = threading.Thread(target=send)
    sending.start()
    assert wait_until((pages.folder / f"stopped-{step}").exists, within=WITHIN)
    kill_database(here)
    pages.kill()
    sending.join(WITHIN)
    assert len(submissions(here)) == (1 if step == web_stand_in.COMMITTED else 0)

    pages.start()
    assert pages.hand_in(key, content).status_code == 303
    with here.database.transaction() as session:
        (grading,) = session.scalars(select(Grading.id)).all()
        assert jobs(session) == [(grading, "todo")]
    with working(here, machine, quick):
        assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    with here.database.transaction() as session:
        assert session.scalars(select(GradingResult.grading_id)).all() == [grading]


def test_while_nobody_asks(pages: Pages) -> None:
    """The pages that were open go on, without being started again."""
    pages.start()
    assert pages.get("/").status_code == 200
    kill_database(pages.here)
    assert wait_until(lambda: pages.get("/").status_code == 200, within=WITHIN)
    key = secrets.token_hex(8)
    assert pages.hand_in(key, archive()).status_code == 303
    assert len(submissions(pages.here)) == 1


def test_before_a_worker_takes_it(here: School, workers: Workers) -> None:
    """What was queued is queued still."""
    _, grading = here.hand_in()
    kill_database(here)
    workers.go()
    workers.start("only")
    assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    assert here.grading(grading).attempt == 1
    assert results(here) == [grading]


def test_while_a_worker_grades(here: School, workers: Workers) -> None:
    """The result is written once it is back, and the worker goes on listening."""
    _, grading = here.hand_in()
    workers.start("only")
    assert workers.told("only-began")
    kill_database(here)
    workers.go()
    assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    _, second = here.hand_in("ben")
    assert state_of(here, second, GradingState.DONE) is GradingState.DONE
    assert sorted(results(here)) == [grading, second]
    assert here.grading(grading).attempt == 1
