"""The suite: what it is told, what it may ask for, and what its end means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.errors import PlatformError, SpecError
from grader.exam.runner import PATIENCE, Calls, Examined, ExamProcess
from grader.model import Challenge, CheckResult, Outcome, Submission, Visibility
from grader.run.context import RunContext
from grader.run.deployment import Deployment, do_nothing
from grader.run.service_operations import service_calls
from grader.service_catalogue import fixture_names
from grader.services.registry import manifest_of
from grader.submission.history import history_of

BUILTIN_SUITE = Path(__file__).parent.parent / "exam" / "builtin"


def describe(
    context: RunContext,
    submission: Submission,
    deployment: Deployment,
    only: frozenset[str],
    order: Sequence[frozenset[str]] = (),
) -> dict[str, Any]:
    """What the suite's process is told: to examine `only`, in groups as `order` has them."""
    challenge, app = context.challenge, deployment.app
    return {
        **suite_of(challenge),
        "only": sorted(only - context.results.keys()),
        "order": [sorted(group) for group in order],
        "needs": {criterion.id: list(criterion.needs) for criterion in challenge.criteria},
        "hidden": sorted(
            criterion.id
            for criterion in challenge.criteria
            if criterion.visibility is not Visibility.VISIBLE
        ),
        "sealed": sorted(
            criterion.id
            for criterion in challenge.criteria
            if criterion.visibility is Visibility.HIDDEN
        ),
        "parts": {
            criterion.id: [
                {"id": one.id, "title": one.title, "points": str(one.points)}
                for one in criterion.parts
            ]
            for criterion in challenge.criteria
            if criterion.parts
        },
        "known": {name: str(result.outcome) for name, result in context.results.items()},
        "seed": context.seed,
        "host": app.address[0] if app else "",
        "port": app.address[1] if app else 0,
        "shown": f"http://localhost:{challenge.app.port}",
        "request_seconds": challenge.limits.request,
        "body_cap": challenge.limits.body,
        "services": {
            one.manifest.fixture: {
                "class": one.manifest.target(one.manifest.fixture_class),
                "told": {"title": one.manifest.title, **one.server.told(one.address)},
            }
            for one in deployment.services
        },
        "secrets": dict(deployment.secrets),
        "environment": dict(deployment.environment),
        "snapshot": str(submission.root),
        "dockerfile": deployment.dockerfile,
        "contract": str(challenge.contract) if challenge.contract else None,
        "compose": deployment.compose,
    }


def suite_of(challenge: Challenge) -> dict[str, Any]:
    """What a suite's process has to know to collect the tests of `challenge`."""
    root = challenge.root
    own = [manifest_of(spec).fixture for spec in challenge.services]
    names = sorted({*fixture_names(), *own})
    return {
        "survey": False, "root": str(root), "paths": suite_paths(root), "fixtures": names,
    }  # fmt: skip


def suite_paths(challenge_root: Path) -> list[str]:
    """Where the tests of a challenge are: its own, and the built-in ones."""
    own = challenge_root / "tests"
    return [str(BUILTIN_SUITE), *([str(own)] if own.is_dir() else [])]


def calls(context: RunContext, submission: Submission, deployment: Deployment) -> Calls:
    """What the suite may ask the grader to do, by name."""
    table: dict[str, Any] = {
        "submission.log": lambda: history_of(submission.repository, context.folder, context.cancel)
    }
    if app := deployment.app:
        table |= {
            "app.restart": app.restart,
            "app.recreate": app.recreate,
            "app.kill": app.kill,
            "app.revive": app.revive,
            "app.commands": app.commands,
            "app.logs": app.logs,
            "app.printed": app.printed,
            "app.keep_tail": app.keep_tail,
            "app.leaks": app.leaks,
        }
    settle = do_nothing
    if probe := deployment.probe:
        settle = probe.settle
        table |= {
            "app.ended_probe": probe.seen_ahead,
            "app.start_probe": probe.start,
            "app.end_probe": probe.end,
            "app.refused_logins": probe.refused_logins,
        }
    for found in deployment.services:
        table |= service_calls(context, found, settle)
    return table | dict(deployment.calls)


def examine(context: RunContext, process: ExamProcess, exam: dict[str, Any], table: Calls) -> None:
    """Run the suite and record its criteria.

    Raises `SpecError` where the suite itself is broken, `PlatformError` where the platform failed
    under it.
    """
    limit = context.challenge.limits.suite
    done = process.examine(
        exam, table, deadline=limit, cancel=context.cancel, on_result=context.record
    )
    if done.problems:
        where = f"The suite of {context.challenge.slug}"
        raise SpecError(where, list(done.problems))
    if done.fault:
        raise PlatformError(done.fault)
    if done.crash:
        raise PlatformError(done.crash)
    if done.out_of_time:
        _record_overtime(context, done, frozenset(exam["only"]), limit)


def _record_overtime(
    context: RunContext, done: Examined, wanted: frozenset[str], limit: float
) -> None:
    """The exam's time is up: the student's fault only if the app used it.

    Answers within the limit of a request had time of their own, up to `PATIENCE`.
    """
    unanswered = done.waited - done.answered
    request = context.challenge.limits.request
    if done.answered >= PATIENCE:
        why = f"your app took {done.answered:.0f} s for the answers before it"
    elif unanswered >= limit / 2:
        over = [one.criterion for one in done.results if one.outcome is Outcome.TIMED_OUT]
        named = f" (see {', '.join(over[:3])})" if over else ""
        why = (
            f"{unanswered:.0f} s of them went by for requests that your app did not answer within "
            f"{request:g} s{named}"
        )
    else:
        msg = (
            f"The suite did not end in {limit:.0f} s of its own, and the app is not to blame: "
            f"it answered within its limits. {_counted(done)} before. "
            "Grade again on a machine with less to do; where that comes to the same, raise "
            "`limits.suite` in challenge.yml."
        )
        raise PlatformError(msg)
    for name in sorted(wanted - context.results.keys()):
        context.record(
            CheckResult(
                criterion=name,
                outcome=Outcome.TIMED_OUT,
                rationale=f"The {limit:.0f} s of the examination were over before it was reached: "
                f"{why}.",
            )
        )


def _counted(done: Examined) -> str:
    """How far the suite has come."""
    count = len(done.results)
    return "1 criterion was examined" if count == 1 else f"{count} criteria were examined"
