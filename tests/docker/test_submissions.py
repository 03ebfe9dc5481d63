"""Each directory of tests/submissions gets the verdict, outcomes and sentences that it should."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from grader.model import GradeReport
from grader.report.json import to_json
from grader.run.environment.pool import EnvironmentPool
from grader.settings import Settings
from tests.docker.expectations import check, expected, names, run
from tests.docker.recording import RUNS, everything_said, recorded, shown
from tests.docker.sampling import sample

pytestmark = pytest.mark.alone

SUBMISSIONS = Path(__file__).parent.parent / "submissions"
TAKEN = 47392


@contextmanager
def taken(port: int) -> Iterator[None]:
    """A port of the host that somebody listens on: we, or whoever does already."""
    with ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(socket.create_server(("0.0.0.0", port)))
        yield


@pytest.fixture(scope="module")
def reports(
    request: pytest.FixtureRequest, settings: Settings, environments: EnvironmentPool
) -> Iterator[dict[str, Future[GradeReport]]]:
    """All those asked for, graded three at a time."""
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if hasattr(item, "callspec") and "name" in item.callspec.params
    }
    with (
        recorded(),
        taken(TAKEN),  # a port that shape-port-taken-on-the-host names
        ThreadPoolExecutor(max_workers=3) as pool,
    ):
        yield {
            name: pool.submit(run, SUBMISSIONS / name, settings, environments)
            for name in names(SUBMISSIONS)
            if name in wanted
        }


@pytest.mark.parametrize("name", sample(names(SUBMISSIONS), "gives-secrets-away"))
def test_it_gets_what_it_should(name: str, reports: dict[str, Future[GradeReport]]) -> None:
    """Verdict, the outcome of every criterion, and the sentence for each loss."""
    check(reports[name].result(), expected(SUBMISSIONS / name))


def test_nothing_that_was_injected_is_in_a_report(reports: dict[str, Future[GradeReport]]) -> None:
    """Secrets that an app gives away are named in the report, never shown."""
    text = to_json(reports["gives-secrets-away"].result())
    assert '"outcome": "failed"' in text
    assert re.search(r"DB_PASSWORD.{1,6}: .{1,4}\[(DB_PASSWORD|MYSQL)", text)
    assert re.search(r"SECRET_KEY.{1,6}: .{1,4}\[SECRET_KEY\]", text)


def test_no_secret_is_shown_anywhere(reports: dict[str, Future[GradeReport]]) -> None:
    """Neither a run's own nor one that was handed in: in no report, event, progress or log line."""
    planted = {
        value for name in reports for value in expected(SUBMISSIONS / name).get("planted", ())
    }
    secrets = {one for run in RUNS for one in run.context.redactor.secrets.items()}
    assert len(RUNS) >= len(reports)
    assert len(secrets) > len(reports) / 2
    assert len(planted) >= 3 or len(reports) < len(names(SUBMISSIONS))
    said = list(everything_said(one.result() for one in reports.values()))
    if shown("\0".join(text for _, text in said), secrets, planted):
        for where, text in said:
            assert (where, shown(text, secrets, planted)) == (where, [])
