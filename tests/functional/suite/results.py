"""What a suite that was run in these tests has come to."""

from __future__ import annotations

from collections.abc import Callable

from grader.exam.runner import Examined
from grader.model import CheckResult, Outcome

Examine = Callable[..., Examined]
"""Runs a suite; see the fixture `examine`."""


def only(done: Examined) -> CheckResult:
    """The one result of a suite that did what it should."""
    assert not done.problems
    assert not done.crash
    (result,) = done.results
    return result


def outcomes(done: Examined) -> dict[str, Outcome]:
    """The outcome of each criterion, in the order that they were examined in."""
    return {result.criterion: result.outcome for result in done.results}
