"""What makes five thousand short tests quick: less is told of each, and less is looked up."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

NUMBERS = itertools.count()
"""Of the folders of this process."""


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Have a worker tell of a test once, and not six times: telling would take longer than most.

    Its parent has no use for the beginning, the end, and what was made ready and removed as it
    should be.
    """
    if not hasattr(item.config, "workerinput"):
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


def pytest_report_to_serializable(report: pytest.CollectReport | pytest.TestReport) -> object:
    """Tell of a test that has passed what is counted: where it stands, and how long it took."""
    if type(report) is not pytest.TestReport or not report.passed or report.user_properties:
        return None
    return {
        "$report_type": "TestReport", "nodeid": report.nodeid, "location": report.location,
        "keywords": {}, "outcome": report.outcome, "longrepr": None, "when": report.when,
        "duration": report.duration, "start": report.start, "stop": report.stop,
    }  # fmt: skip


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own, as pytest's fixture of that name gives.

    That looks through the folders of all tests before to find a name.
    """
    name = re.sub(r"\W", "_", request.node.name)[:30]
    path = tmp_path_factory.getbasetemp() / f"{name}{next(NUMBERS)}"
    path.mkdir(mode=0o700)
    return path
