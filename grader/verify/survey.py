"""The tests of a suite, collected in its process and not run."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from grader.errors import PlatformError
from grader.exam.runner import ExamProcess
from grader.model import Challenge
from grader.run.suite import suite_paths

SURVEY_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class MarkedTest:
    """One test of a suite."""

    name: str
    where: str
    """`file:line`, seen from the challenge's folder."""
    criterion: str
    """What its mark names; empty where it has none."""
    part: str = ""
    """The part of it that the mark names; empty where it names none."""
    draws: bool = False
    """Whether it asks for random data, itself or by way of another fixture."""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What collecting a suite found."""

    tests: tuple[MarkedTest, ...]
    problems: tuple[str, ...] = ()
    """A sentence for each file that cannot be collected."""


def survey(challenge: Challenge) -> Survey:
    """Collect the suite of `challenge`, with the built-in tests, in a process of its own.

    Raises `PlatformError` where that process does not end as it should.
    """
    process = ExamProcess()
    try:
        exam = {"survey": True, "root": str(challenge.root), "paths": suite_paths(challenge.root)}
        done = process.examine(exam, {}, deadline=SURVEY_SECONDS, cancel=threading.Event())
    finally:
        process.close()
    if done.crash or done.out_of_time:
        msg = done.crash or f"The suite was not collected within {SURVEY_SECONDS} s; try again."
        raise PlatformError(msg)
    rows = [line.split("\t", 5) for line in done.problems]
    return Survey(
        tests=tuple(
            MarkedTest(criterion=criterion, part=part, where=where, name=name, draws=bool(draws))
            for kind, criterion, part, where, draws, name in rows
            if kind == "test"
        ),
        problems=tuple(row[5] for row in rows if row[0] == "problem"),
    )
