"""What cannot be less: the starts that the checks ask for, and nothing else.

A grade is listened to: what its suite asks of the grader, and how long the app took to answer. Then
the same starts, restarts and outages are made again by themselves, as fast as they go: networks,
gateway and MySQL, the app's first start, and each one that the checks have asked for. No build, no
reading, no suite, no teardown. Commands of the image run again, as many at once as in a grade.
"""

from __future__ import annotations

import math
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from grader.criteria import DATABASE_LATE
from grader.events import ignore
from grader.exam.dispatch import Operations
from grader.exam.faults import Mismatch
from grader.exam.runner import Examined, ExamProcess
from grader.model import Challenge, Submission
from grader.run import command, dockerfile
from grader.run.compose import deploy
from grader.run.compose.project_roles import ComposeChoice
from grader.run.context import RunContext, new_run_id
from grader.run.deployment import Deployment
from grader.run.suite import operations
from grader.sandbox.reaper import remove_run
from grader.service_catalogue import fixture_names
from grader.settings import Settings
from grader.submission.directory import take_directory

STARTS = frozenset({
    "app.restart", "app.recreate", "app.kill", "app.terminate", "app.revive", "command.run",
    "probe.ended", "probe.start", "probe.end", "volume.make_read_only", "volume.make_writable",
    "compose.down_up", "compose.kill", "composed.stop", "composed.kill", "composed.start",
    "composed.pause", "composed.unpause",
    *(f"{name}.{one}" for name in fixture_names() for one in ("restart", "stop", "start")),
})  # fmt: skip
"""What a suite asks for that starts or ends something."""
COMMANDS = "command.run"


@dataclass
class Heard:
    """What one grade asked for."""

    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    waited: float = 0.0
    """Seconds that the app took to answer, and commands to end."""
    ran: float = 0.0
    """Seconds of these that commands took, which are among `asked` as well."""
    own: float = math.inf
    """Seconds of the suite, without what it asked for."""

    @property
    def answering(self) -> float:
        """Seconds that the app took to answer; requests at the same moment overlap."""
        return min(max(self.waited - self.ran, 0.0), self.own)


@contextmanager
def listening() -> Iterator[Heard]:
    """Note what is asked for within the block."""
    heard, call, examine = Heard(), Operations.call, ExamProcess.examine

    def noted(self: Operations, name: str, arguments: Mapping[str, Any]) -> Any:
        if name in STARTS:
            heard.asked.append((name, dict(arguments)))
        answer = call(self, name, arguments)
        if name == COMMANDS:
            heard.ran += sum(one["seconds"] for one in answer)
        return answer

    def examined(self: ExamProcess, *arguments: Any, **more: Any) -> Examined:
        started = time.monotonic()
        done = examine(self, *arguments, **more)
        heard.waited, heard.own = done.waited, time.monotonic() - started - done.busy
        return done

    with (
        patch.object(Operations, "call", noted),
        patch.object(ExamProcess, "examine", examined),
    ):
        yield heard


def floor(challenge: Challenge, source: Path, settings: Settings, heard: Heard) -> float:
    """Seconds for the starts of `heard` by themselves, and for the app's answers.

    Apps without a secret go on alongside where they can, and so does the trial of a Compose project
    with a late MySQL, as in a grade.
    """
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as pool:
        context = RunContext.begin(
            run=new_run_id(), challenge=challenge, settings=settings, folder=Path(folder), seed=1,
            listener=ignore, cancel=threading.Event(), keep=True,
        )  # fmt: skip
        try:
            submission = take_directory(source, Path(folder, "submission"))
            deployment = _bring_up(context, submission, pool)
            spent = {one.phase: one.end - one.start for one in context.recorder.timings.taken}
            late = "up" in spent
            offered = operations(context, submission, deployment)
            started = time.monotonic()
            if deployment.probe:
                deployment.probe.begin([
                    given["secret"] for name, given in heard.asked if name == "probe.ended"
                ])  # fmt: skip
            for name, given in heard.asked:
                try:
                    offered.call(name, given)
                except Mismatch:
                    continue  # an app that does not come back has been waited for all the same
            replayed = time.monotonic() - started + heard.answering
            deployment.finish()
            probe = time.monotonic() - started
            context.end_watch()
        finally:
            remove_run(context.resources.engine, context.run)
    ready = sum(spent.get(one, 0.0) for one in ("provision", "launch", "up"))
    return ready + max(replayed, probe if late else 0.0)


def _bring_up(context: RunContext, submission: Submission, pool: ThreadPoolExecutor) -> Deployment:
    if context.challenge.mode == "compose":
        late = any(one.id == DATABASE_LATE for one in context.challenge.criteria)
        return deploy.bring_up(context, submission, pool, chosen=ComposeChoice(), late=late)
    if context.challenge.mode == "command":
        return command.bring_up(context, submission, pool)
    return dockerfile.bring_up(context, submission, pool)
