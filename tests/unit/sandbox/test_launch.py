"""Waiting for an app: what it takes to be ready, and how soon it is given up."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from unittest.mock import Mock

import pytest

from grader.app_spec import Readiness
from grader.errors import Cancelled
from grader.sandbox.container import ContainerState
from grader.sandbox.diagnosis import AppSettings
from grader.sandbox.launch import NotReady, SeenAnswers, await_ready
from grader.testing import reply, serve

RUNS = ContainerState(running=True, exit_code=0, oom_killed=False)
ENDED = ContainerState(running=False, exit_code=3, oom_killed=False)


def wait_for(
    address: tuple[str, int], *states: ContainerState, within: float = 5, cancel: bool = False
) -> NotReady | None:
    left = list(states)
    container = Mock(id="c")
    container.state.side_effect = lambda: left.pop(0) if len(left) > 1 else left[0]
    container.logs.return_value = ""
    event = threading.Event()
    if cancel:
        event.set()
    return await_ready(
        container, address, Readiness(path="/health", status=200, within=within),
        AppSettings(port=5000), cancel=event, listening=lambda _: (),
    )  # fmt: skip


@pytest.fixture
def silent() -> Iterator[tuple[str, int]]:
    """Takes connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def test_the_status_that_is_asked_for_is_waited_for() -> None:
    """Another one is named when the time is up."""
    with serve(reply(200)) as address:
        assert wait_for(address, RUNS) is None
    with serve(reply(503)) as address:
        failure = wait_for(address, RUNS, within=0.4)
    assert failure is not None
    assert "503 instead of 200" in failure.rationale


def test_an_app_that_has_ended_is_not_waited_for(silent: tuple[str, int]) -> None:
    """Not even for the answer to a request that hangs meanwhile."""
    started = time.monotonic()
    failure = wait_for(silent, RUNS, RUNS, ENDED, within=30)
    assert failure is not None
    assert "3" in failure.rationale
    assert time.monotonic() - started < 2


def test_a_run_that_is_over_waits_no_more(silent: tuple[str, int]) -> None:
    """`Cancelled`, and not the app's fault."""
    with pytest.raises(Cancelled):
        wait_for(silent, RUNS, within=30, cancel=True)


FRAME = '  File "/app/app.py", line 18, in home\n    cursor.execute("SELECT 1")\n'
MISSING = (
    f"Traceback (most recent call last):\n{FRAME}"
    "MySQLdb.ProgrammingError: (1146, \"Table 'shop.messages' doesn't exist\")\n"
)


@pytest.mark.parametrize(
    "said",
    [
        "MySQLdb.OperationalError: (1226, \"User 'a' has exceeded the 'max_user_connections'\")",
        'pymysql.err.OperationalError: (1040, "Too many connections")',
        "mysql.connector.errors.DatabaseError: 1040 (08004): Too many connections",
    ],
)
def test_connections_that_ran_out_are_not_the_cause(said: str) -> None:
    """An app that leaves one open at each error runs out of them since it is asked so often."""
    over = f"Traceback (most recent call last):\n{FRAME}{said}\n"
    container = Mock(id="c")
    container.state.side_effect = lambda: RUNS
    printed = iter([MISSING * 3])
    container.logs.side_effect = lambda: next(printed, over * 9)
    with serve(reply(500)) as address:
        failure = await_ready(
            container, address, Readiness(path="/", status=200, within=1.5),
            AppSettings(port=5000), cancel=threading.Event(), listening=lambda _: (),
        )  # fmt: skip
    assert failure is not None
    assert failure.cause == "migration-never-run"
    assert "Table 'shop.messages'" in failure.evidence


def test_connections_that_ran_out_at_once_are_told() -> None:
    """Nothing was printed before."""
    said = 'pymysql.err.OperationalError: (1040, "Too many connections")'
    over = f"Traceback (most recent call last):\n{FRAME}{said}\n"
    container = Mock(id="c")
    container.state.side_effect = lambda: RUNS
    container.logs.return_value = over
    with serve(reply(500)) as address:
        failure = await_ready(
            container, address, Readiness(path="/", status=200, within=0.3),
            AppSettings(port=5000), cancel=threading.Event(), listening=lambda _: (),
        )  # fmt: skip
    assert failure is not None
    assert "Too many connections" in failure.rationale


def test_an_app_that_errs_is_asked_less_and_less_often() -> None:
    """Each request may leave a connection of its open; what was seen counts for the next wait."""
    seen = SeenAnswers()
    seen.note(500)
    seen.erring_since -= 20
    container = Mock(id="c")
    container.state.side_effect = lambda: RUNS
    container.logs.return_value = MISSING
    with serve(reply(500)) as address:
        began = time.monotonic()
        failure = await_ready(
            container, address, Readiness(path="/", status=200, within=1.0),
            AppSettings(port=5000), cancel=threading.Event(), listening=lambda _: (), seen=seen,
        )  # fmt: skip
    assert failure is not None
    assert time.monotonic() - began < 2
    assert 2 < seen.pause(1.0) < 3


@pytest.mark.parametrize(("status", "most"), [(None, 0.05), (404, 0.05), (503, 0.05)])
def test_an_app_that_has_just_begun_is_asked_often(status: int | None, most: float) -> None:
    """Also one that has just answered with an error."""
    seen = SeenAnswers()
    if status:
        seen.note(status)
    assert seen.pause(0.1) <= most
