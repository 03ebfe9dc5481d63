"""The suite: what it is told, what it may ask for, and what its end means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.errors import PlatformError, SpecError
from grader.exam.runner import Calls, Examined, ExamProcess
from grader.model import CheckResult, Outcome, Submission
from grader.phases.context import Context
from grader.phases.launching import App
from grader.phases.place import Place
from grader.services.mysql import PORT as MYSQL_PORT
from grader.services.mysql import MySql
from grader.submission.history import history_of

BUILTIN_SUITE = Path(__file__).parent.parent / "exam" / "builtin"


def describe(
    context: Context,
    submission: Submission,
    *,
    dockerfile: str | None,
    only: frozenset[str],
    secrets: dict[str, str],
    app: App | None,
    mysql: tuple[MySql, tuple[str, int]] | None,
) -> dict[str, Any]:
    """What the suite's process is told; `app` is None where it did not start."""
    challenge = context.challenge
    return {
        "survey": False,
        "root": str(challenge.root),
        "paths": suite_paths(challenge.root),
        "only": sorted(only - context.results.keys()),
        "needs": {criterion.id: list(criterion.needs) for criterion in challenge.criteria},
        "known": {name: str(result.outcome) for name, result in context.results.items()},
        "seed": context.seed,
        "host": app.address[0] if app else "",
        "port": app.address[1] if app else 0,
        "shown": f"http://localhost:{challenge.app.port}",
        "request_seconds": challenge.limits.request,
        "body_cap": challenge.limits.body,
        "mysql": _access(*mysql) if mysql else None,
        "secrets": secrets,
        "snapshot": str(submission.root),
        "dockerfile": dockerfile,
        "contract": str(challenge.contract) if challenge.contract else None,
    }


def suite_paths(challenge_root: Path) -> list[str]:
    """Where the tests of a challenge are: its own, and the built-in ones."""
    own = challenge_root / "tests"
    return [str(BUILTIN_SUITE), *([str(own)] if own.is_dir() else [])]


def _access(mysql: MySql, address: tuple[str, int]) -> dict[str, Any]:
    return {
        "host": address[0], "port": address[1], "user": "root",
        "password": mysql.access.root_password, "database": mysql.access.database,
    }  # fmt: skip


def calls(context: Context, submission: Submission, app: App | None, place: Place | None) -> Calls:
    """What the suite may ask the grader to do, by name."""
    table: dict[str, Any] = {
        "submission.log": lambda: history_of(Path(submission.origin), context.folder)
    }
    if app:
        table |= {
            "app.restart": app.restart,
            "app.recreate": app.recreate,
            "app.kill": app.kill,
            "app.revive": app.revive,
            "app.logs": app.logs,
        }
    if place and place.mysql:
        mysql, address = place.mysql, place.address(MYSQL_PORT)
        table |= {
            "db.restart": lambda: mysql.restart(address, context.cancel),
            "db.stop": mysql.stop,
            "db.start": lambda: mysql.start_again(address, context.cancel),
        }
    return table


def examine(context: Context, process: ExamProcess, exam: dict[str, Any], table: Calls) -> None:
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
    context: Context, done: Examined, wanted: frozenset[str], limit: float
) -> None:
    """The exam's time is up: the student's fault only if the app used it."""
    if done.waited < (limit - done.busy) / 2:
        msg = f"The suite did not end in {limit:.0f} s, and the app is not to blame; grade again."
        raise PlatformError(msg)
    for name in sorted(wanted - context.results.keys()):
        context.record(
            CheckResult(
                criterion=name,
                outcome=Outcome.TIMED_OUT,
                rationale=f"The {limit:.0f} s of the examination were over before it was reached: "
                f"your app took {done.waited:.0f} s to answer.",
            )
        )
