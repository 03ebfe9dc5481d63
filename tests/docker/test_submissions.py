"""Each directory of tests/submissions gets the verdict, outcomes and sentences that it should."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.model import GradeReport
from grader.report import to_json
from grader.settings import Settings
from tests.docker.expectations import check, expected, names, run

SUBMISSIONS = Path(__file__).parent.parent / "submissions"
TAKEN = 47392


@pytest.fixture(scope="module")
def reports(
    request: pytest.FixtureRequest, settings: Settings
) -> Iterator[dict[str, Future[GradeReport]]]:
    """All those asked for, graded two at a time."""
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if hasattr(item, "callspec") and "name" in item.callspec.params
    }
    with (
        socket.create_server(("0.0.0.0", TAKEN)),  # a port that shape-port-taken-on-the-host names
        ThreadPoolExecutor(max_workers=2) as pool,
    ):
        yield {
            name: pool.submit(run, SUBMISSIONS / name, settings)
            for name in names(SUBMISSIONS)
            if name in wanted
        }


@pytest.mark.parametrize("name", names(SUBMISSIONS))
def test_it_gets_what_it_should(name: str, reports: dict[str, Future[GradeReport]]) -> None:
    """Verdict, the outcome of every criterion, and the sentence for each loss."""
    check(reports[name].result(), expected(SUBMISSIONS / name))


def test_nothing_that_was_injected_is_in_a_report(reports: dict[str, Future[GradeReport]]) -> None:
    """Secrets that an app gives away are named in the report, never shown."""
    text = to_json(reports["gives-secrets-away"].result())
    assert '"outcome": "failed"' in text
    assert re.search(r"DB_PASSWORD.{1,6}: .{1,4}\[(DB_PASSWORD|MYSQL)", text)
    assert re.search(r"SECRET_KEY.{1,6}: .{1,4}\[SECRET_KEY\]", text)
