"""The suite's time is up: whose loss that is, and what is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.errors import PlatformError, SpecError
from grader.exam.runner import PATIENCE, Examined
from grader.model import CheckResult, Outcome
from grader.run.context import RunContext
from grader.run.deployment import Deployment
from grader.run.suite import _record_overtime, operations
from grader.submission.history import HistoryLog
from grader.submission.history_refs import NamedCommits, NamedTag
from grader.testing import a_challenge, a_result


def over(**figures: Any) -> list[CheckResult]:
    """What is recorded for entry.stored once the time is up."""
    recorded: list[CheckResult] = []
    context = SimpleNamespace(
        challenge=a_challenge(),
        recorder=SimpleNamespace(results={"entry.create": None}, record=recorded.append),
    )
    lost = a_result("entry.create", Outcome.TIMED_OUT)
    done = Examined(results=(lost,), out_of_time=True, **figures)
    wanted = frozenset({"entry.create", "entry.stored"})
    _record_overtime(cast("RunContext", context), done, wanted, 120)
    return recorded


def test_requests_that_were_not_answered_cost_their_app_the_rest() -> None:
    """The criterion over which they ran out is named."""
    (result,) = over(waited=100.0, answered=20.0)
    assert (result.criterion, result.outcome) == ("entry.stored", Outcome.TIMED_OUT)
    assert result.rationale == (
        "The 120 s of the examination were over before it was reached: 80 s of them went by for "
        "requests that your app did not answer within 5 s (see entry.create)."
    )


def test_answers_within_their_limits_are_nobodys_loss() -> None:
    """The machine is, and it is said how far the suite came."""
    with pytest.raises(PlatformError, match=r"app is not to blame.* 1 criterion was examined"):
        over(waited=300.0, answered=300.0)


def test_answers_have_a_bound_all_together() -> None:
    """Beyond it the app has lost what is left."""
    (result,) = over(waited=PATIENCE, answered=PATIENCE)
    assert result.rationale.endswith("your app took 1800 s for the answers before it.")


def test_a_history_that_is_not_announced_is_the_exams_fault(tmp_path: Path) -> None:
    """Only the newest commit may have been fetched, so that no student loses or earns by it."""
    challenge = a_challenge()
    context: Any = SimpleNamespace(challenge=challenge, folder=tmp_path, cancel=None)
    submission: Any = SimpleNamespace(repository=tmp_path)
    offered = operations(context, submission, Deployment(dockerfile=None))
    with pytest.raises(SpecError, match=r"guestbook has 1 problem.*\n.*history: true"):
        offered.call("submission.log", {})
    context.challenge = replace(challenge, history=True)
    assert offered.call("submission.log", {})["commits"] == []


def test_a_history_is_told_with_its_branches_and_tags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = NamedTag(commit="c" * 40, annotated=True, message="Done")
    named = NamedCommits(branches={"main": "c" * 40}, tags={"v1": tag})
    log = HistoryLog(commits=(), unread="", named=named)
    monkeypatch.setattr("grader.run.suite.history_of", lambda *_: log)
    challenge = replace(a_challenge(), history=True)
    context: Any = SimpleNamespace(challenge=challenge, folder=tmp_path, cancel=None)
    submission: Any = SimpleNamespace(repository=tmp_path)
    found = operations(context, submission, Deployment(dockerfile=None)).call("submission.log", {})
    assert found["branches"] == {"main": "c" * 40}
    assert found["tags"] == {"v1": {"commit": "c" * 40, "annotated": True, "message": "Done"}}
    assert found["excess"] == ""
