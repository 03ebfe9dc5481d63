"""A submission's Compose file as the grader reads it, which the naive way is lent."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from grader.events import ignore
from grader.exam.compose_view import ComposeView
from grader.model import Challenge
from grader.run.compose.project_roles import ComposeChoice
from grader.run.compose.resolve import resolve_roles
from grader.run.compose.view import view
from grader.run.context import RunContext, new_run_id
from grader.settings import Settings
from grader.submission.directory import take_directory


def view_of(challenge: Challenge, source: Path, settings: Settings) -> ComposeView:
    """Return what the suite's `compose` fixture shows of the submission in `source`."""
    with tempfile.TemporaryDirectory() as folder:
        context = RunContext.begin(
            run=new_run_id(), challenge=challenge, settings=settings, folder=Path(folder), seed=1,
            listener=ignore, cancel=threading.Event(), keep=True,
        )  # fmt: skip
        submission = take_directory(source, Path(folder, "submission"))
        injected = dict.fromkeys(challenge.app.env, "x")
        roles = resolve_roles(context, submission, ComposeChoice(), injected)
    assert roles is not None, context.recorder.results
    return view(roles, challenge.roles)


def services_built(shown: ComposeView) -> tuple[str, ...]:
    """Return the services that are built from the submission."""
    return tuple(name for name, one in shown.services.items() if one["built"])


def images_run(shown: ComposeView) -> dict[str, str]:
    """Return the images that the other services run, by the service's name."""
    return {name: one["image"] for name, one in shown.services.items() if not one["built"]}
