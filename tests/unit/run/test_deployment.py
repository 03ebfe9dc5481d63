"""A service of ours that ends under an app: whose doing that was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.errors import PlatformError
from grader.model import CheckResult, Graded, Outcome, Ungradable
from grader.run.context import RunContext
from grader.run.deployment import Deployment, lose_rest, spent
from grader.run.verdict import VerdictBuilder
from grader.spec.starting import starting
from grader.testing import a_challenge

STANDING = Deployment(dockerfile="Dockerfile", essential={"MySQL": "mysql"})


def context(stopped: str = "", **state: bool) -> RunContext:
    """A run whose MySQL is in that state, and that the guard has stopped for the reason given."""
    found = {"State": {"Running": True, "ExitCode": 0, "OOMKilled": False} | state}
    api = SimpleNamespace(inspect_container=lambda container: found)
    one = RunContext.begin(
        run="1", challenge=a_challenge(), settings=cast("Any", None), folder=Path("/nowhere"),
        seed=1, listener=lambda event: None, cancel=cast("Any", None),
    )  # fmt: skip
    one.resources._engine = cast(
        "Any", SimpleNamespace(client=SimpleNamespace(api=api), version="27.0")
    )
    one.resources._guard = cast(
        "Any", SimpleNamespace(stopped={"mysql": stopped} if stopped else {})
    )
    return one


def verdict(one: RunContext, port: int = 0) -> Graded | Ungradable:
    only = frozenset(criterion.id for criterion in one.challenge.criteria)
    ending = VerdictBuilder(
        context=one, origin="x", submission=None, started=datetime.now(UTC), only=only, port=port
    )  # fmt: skip
    return ending.verdict("")


def test_a_service_that_runs_is_not_spent() -> None:
    """As a rule."""
    assert spent(context(), STANDING) == ""


def test_what_the_guard_has_stopped_was_the_apps_doing() -> None:
    """It wrote more than it may, into the database."""
    one = context("It wrote more than 640 MiB to its disk and was stopped.", Running=False)
    assert spent(one, STANDING) == (
        "MySQL was stopped for what your app had it do. It wrote more than 640 MiB to its disk "
        "and was stopped."
    )


@pytest.mark.parametrize("running", [True, False])
def test_what_was_killed_for_its_memory_was_the_apps_doing(*, running: bool) -> None:
    """The engine has seen it; the container may outlive the server in it."""
    assert "more memory" in spent(context(OOMKilled=True, Running=running), STANDING)


def test_what_ended_otherwise_is_ours() -> None:
    """The results say nothing, and cost nothing."""
    with pytest.raises(PlatformError, match="MySQL ended"):
        spent(context(Running=False), STANDING)


def test_what_the_suite_could_not_ask_any_more_is_lost() -> None:
    """No verdict of a platform fault for what a student's app has ended."""
    one = context()
    names = [criterion.id for criterion in one.challenge.criteria]
    one.recorder.record(
        CheckResult(criterion=names[0], outcome=Outcome.BROKEN, rationale="2013: lost")
    )
    assert isinstance(verdict(one), Ungradable)
    lose_rest(one, names, "MySQL was stopped.")
    report = verdict(one)
    assert isinstance(report, Graded)
    assert report.results[0].rationale == "MySQL was stopped."
    assert report.results[0].outcome is Outcome.FAILED
    assert {one.outcome for one in report.results} == {Outcome.FAILED, Outcome.NOT_REACHED}


def test_a_report_of_a_start_names_the_port_that_was_asked() -> None:
    """The one that the Compose file publishes, once it is known."""
    one = replace(context(), challenge=starting("compose", port=5000, path="/"))
    for port, named in ((0, "5000"), (8080, "8080")):
        assert f"GET / on port {named} answers" in verdict(one, port).challenge.criteria[-1].title
