"""A suite that is written to a folder and run in its own process, against an app that answers."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from grader.exam.children import ForkServer
from grader.exam.protocol import (
    AppAddress,
    CriteriaToExamine,
    ExamDescription,
    ExamFiles,
    InjectedValues,
    SuiteDescription,
)
from grader.exam.runner import Examined, ExamProcess
from grader.model import Outcome
from grader.testing import operations_of, reply, serve
from tests.functional.suite.results import Examine

HEAD = "import os, time\nimport pytest\ncriterion = pytest.mark.criterion\n"


def replace_in(exam: ExamDescription, changes: dict[str, Any]) -> ExamDescription:
    """`exam` with `changes` to fields of its own, or of the values that it is made of."""
    left, own = (
        {"sealed": changes.get("hidden", ())} | changes,
        {one.name: getattr(exam, one.name) for one in fields(exam)},
    )
    for name, value in own.items():
        if is_dataclass(value) and not isinstance(value, type):
            inner = {one.name for one in fields(value)} & left.keys()
            own[name] = replace(value, **{one: left.pop(one) for one in inner})
    return replace(exam, **own | left)


@pytest.fixture
def app() -> Iterator[tuple[str, int]]:
    """An app that answers everything with one JSON object."""
    with serve(reply(200, '{"a": 1}', Content_Type="application/json")) as address:
        yield address


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    """Has everything loaded, so that each suite starts at once."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture
def examine(tmp_path: Path, app: tuple[str, int], server: ForkServer) -> Examine:
    """Writes a suite and runs it; keywords change what the suite's process is told."""

    def run(
        code: str, calls: dict[str, Any] | None = None, *, deadline: float = 30, **changes: Any
    ) -> Examined:
        tests = tmp_path / "challenge" / "tests"
        tests.mkdir(parents=True, exist_ok=True)
        (tests / "test_it.py").write_text(HEAD + textwrap.dedent(code), "utf-8")
        snapshot = tmp_path / "snapshot"
        snapshot.mkdir(exist_ok=True)
        exam = replace_in(
            ExamDescription(
                criteria=CriteriaToExamine(
                    only=("a.one", "b.two", "c.three"), needs={}, parts={},
                    known={"app.starts": Outcome.PASSED},
                ),
                app=AppAddress(
                    host=app[0], port=app[1], shown="http://localhost:5000", request_seconds=5.0,
                    body_cap=100_000,
                ),
                seed=7, injected=InjectedValues(secrets={}, environment={}),
                files=ExamFiles(snapshot=str(snapshot), dockerfile=None, contract=None),
            ),
            changes,
        )  # fmt: skip
        process = ExamProcess(server.fork)
        try:
            process.collect(SuiteDescription(root=str(tests.parent), paths=(str(tests),)))
            return process.examine(
                exam, operations_of(calls or {}), deadline=deadline, cancel=threading.Event()
            )
        finally:
            process.close()

    return run
