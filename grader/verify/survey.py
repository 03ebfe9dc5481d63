"""The tests of a suite, collected in its process and not run."""

from __future__ import annotations

import threading

from grader.errors import PlatformError
from grader.exam.protocol import Survey
from grader.exam.runner import ExamProcess
from grader.model import Challenge
from grader.run.suite import suite_of

SURVEY_SECONDS = 60


def survey(challenge: Challenge) -> Survey:
    """Collect the suite of `challenge`, with the built-in tests, in a process of its own.

    Raises `PlatformError` where that process does not end as it should.
    """
    process = ExamProcess()
    try:
        done = process.survey(
            suite_of(challenge), deadline=SURVEY_SECONDS, cancel=threading.Event()
        )
    finally:
        process.close()
    if done.crash or done.out_of_time:
        msg = done.crash or f"The suite was not collected within {SURVEY_SECONDS} s; try again."
        raise PlatformError(msg)
    return Survey(tests=done.tests, problems=done.problems)
