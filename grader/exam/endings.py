"""What a criterion comes to by the way in which its test has ended."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.exam.exchange import Exchange, Execution
from grader.exam.faults import (
    AppTimeout,
    CommandTimeout,
    Mismatch,
    NotReached,
    PlatformFault,
)
from grader.exam.operations import AppOperations
from grader.model import Outcome

LOG_SECONDS = 0.25
"""How much later than its answer an app may print what it failed over."""


@dataclass(frozen=True, kw_only=True)
class EndedTest:
    """How a test ended, and why."""

    outcome: Outcome
    rationale: str = ""
    evidence: str = ""
    hinted: bool = True
    """Whether the criterion's hint fits."""


def ending_of(
    item: pytest.Item,
    error: BaseException | None,
    last: Exchange | Execution | None,
    log: AppOperations | None,
) -> EndedTest:
    """Return what a test has come to that ended with `error`; None: with none.

    `last` is the latest exchange with the app, or the latest command. `log` is asked for what the
    app printed over it; None where that could tell of hidden criteria.
    """
    if error is None:
        return EndedTest(outcome=Outcome.PASSED)
    exchange = getattr(error, "exchange", None) or last
    hinted = error.hinted if isinstance(error, Mismatch) else not (exchange and exchange.broke)
    if isinstance(error, NotReached):
        return EndedTest(outcome=Outcome.NOT_REACHED, rationale=str(error), hinted=hinted)
    if isinstance(error, PlatformFault):
        return EndedTest(outcome=Outcome.BROKEN, rationale=str(error), hinted=hinted)
    evidence, raised = _evidence(exchange, log)
    if isinstance(error, AssertionError | pytest.fail.Exception):
        late = isinstance(error, AppTimeout | CommandTimeout)
        outcome = Outcome.TIMED_OUT if late else Outcome.FAILED
        rationale = f"{rationale_of(error)}{raised}"
    else:
        outcome, rationale = Outcome.BROKEN, _own_fault(item, error)
    return EndedTest(outcome=outcome, rationale=rationale, evidence=evidence, hinted=hinted)


def _own_fault(item: pytest.Item, error: BaseException) -> str:
    """Return where the suite itself has failed, and with what."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == str(item.path)] or frames[-1:]
    where = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else item.nodeid
    return f"The suite failed at {where} ({item.name}): {type(error).__name__}: {error}"


def _evidence(exchange: Exchange | Execution | None, log: AppOperations | None) -> tuple[str, str]:
    """Return the exchange with what the app printed over it, and a sentence on what it raised."""
    if exchange is None:
        return "", ""
    if log is None or not (exchange.broke and exchange.began):
        return str(exchange), ""
    end = exchange.began + exchange.seconds + LOG_SECONDS
    try:
        said = log.printed(since=exchange.began, until=end)
    except (Mismatch, PlatformFault):
        return str(exchange), ""
    if not said.lines:
        return str(exchange), ""
    raised = f" Its log says: {said.raised}" if said.raised else ""
    return f"{exchange}\nThe app's log of that request:\n{said.lines}", raised


def rationale_of(error: BaseException) -> str:
    """Return the message of an assertion, without what pytest adds to it."""
    message, added, _ = f"\n{error}".partition("\nassert ")
    if added:
        message = message.replace("\n  ", "\n")  # pytest indents what follows the first line
    return message.strip() or "An assertion of the suite does not hold."
