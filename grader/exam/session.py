"""What the suite's process runs: `python -I -m grader.exam FD`.

It loads pytest and collects the suite while the image still builds; then it waits for the exam's
description on its channel.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.exam.channel import Channel
from grader.exam.marks import MARK, criterion_of, part_of
from grader.exam.plugin import ExamPlugin
from grader.exam.protocol import Collect, End, MarkedTest, SuiteProblems, Survey
from grader.exam.service_fixture import fixtures_plugin

CANNOT = " cannot be collected: "
"""Stands between the name of a file and its traceback."""
FAULTS = {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}
DRAWN = {"draw", "contract", "disclosures"}
"""Fixtures whose data come from the run's seed."""


class _Collected:
    """Notes what collection found, without running it."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.tests: list[MarkedTest] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", MARK)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(f"{report.nodeid}{CANNOT}{report.longreprtext}")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            path, line, _ = item.reportinfo()
            self.tests.append(
                MarkedTest(
                    name=item.name,
                    path=os.path.relpath(path, item.config.rootpath),
                    line=(line or 0) + 1,
                    criterion=criterion_of(item),
                    part=part_of(item),
                    draws=bool(DRAWN & set(getattr(item, "fixturenames", ()))),
                )
            )

    def found(self) -> Survey:
        """Return the tests, and each fault once, as one line."""
        problems = dict.fromkeys(map(one_line, self.problems))
        return Survey(tests=tuple(self.tests), problems=tuple(problems))


def told_once(problems: Sequence[str]) -> list[str]:
    """`problems` with each traceback once: many files may fail over one helper or conftest.py."""
    told: dict[str, str] = {}
    said = []
    for problem in problems:
        name, _, trace = problem.partition(CANNOT)
        error = "\n".join(line for line in trace.splitlines() if line.startswith("E ")) or trace
        first = told.setdefault(error, name)
        again = f"{name}{CANNOT}it fails as {first} does."
        said.append(problem if first == name else again)
    return said


def one_line(problem: str) -> str:
    """Return a collection's failure as one line.

    The file with its line, and the error that ended it.
    """
    name, _, said = problem.partition(CANNOT)
    file = re.escape(name.partition("::")[0].rpartition("/")[2])
    places = re.findall(rf'{file}(?:", line |:)(\d+)', said)
    where = f"{name}:{places[-1]}" if places else name
    lines = [line.removeprefix("E").strip() for line in said.splitlines() if line.strip()]
    return f"{where}: it cannot be collected: {lines[-1]}."


def main(descriptor: int) -> int:
    """Run the suite that the grader describes on the channel `descriptor`; 0 once it is over."""
    channel = Channel(socket.socket(fileno=descriptor))
    message = channel.receive()
    if not isinstance(message, Collect):
        return 0
    suite = message.suite
    collected = _Collected()
    plugins: list[Any] = [collected]
    options = ["--collect-only", "-qq"]
    if not suite.survey:
        plugin = ExamPlugin(channel, suite.fixtures)
        fixtures = plugin.fixtures
        plugins += [plugin, fixtures, fixtures_plugin(suite.fixtures, fixtures.service)]
        options = ["-q"]
    helpers = str(Path(suite.root, "tests"))  # modules there are imported by their names
    code = pytest.main(
        [
            *suite.paths, *options, "-p", "no:cacheprovider", "-p", "no:doctest",
            "--import-mode=importlib", "--strict-markers",
            f"--rootdir={suite.root}", f"--confcutdir={suite.root}",
            "-c", os.devnull, "-o", "addopts=", "-o", f"pythonpath={shlex.quote(helpers)}",
            "-W", "ignore",
        ],
        plugins=plugins,
    )  # fmt: skip
    if suite.survey:
        channel.send(collected.found())
    elif collected.problems or code in FAULTS:
        found = told_once(collected.problems) or [f"pytest ended with {code!r}"]
        channel.send(SuiteProblems(problems=tuple(found)))
    channel.send(End())
    return 0
