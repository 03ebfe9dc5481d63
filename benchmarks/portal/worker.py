"""A worker whose runs take no engine.

`python -m benchmarks.portal.worker DATABASE FOLDER NAME SECONDS`.

Each run waits SECONDS and passes; its beginning and end are lines of FOLDER/NAME.times, by a clock
that all processes share. With SECONDS `real` the worker grades, with the real `grade`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from grader.errors import Cancelled
from grader.events import CheckFinished, PhaseStarted, RunStarted
from grader.model import GradeReport
from grader.pipeline import grade
from grader.portal.data.database import PortalDatabase
from grader.portal.worker.exams import exams_here
from grader.portal.worker.process import WorkerPlan, work
from grader.run.environment.pool import EnvironmentPool
from grader.settings import Settings
from grader.testing import a_challenge, a_result, graded

CHALLENGE = a_challenge(digest="sha256:" + "b" * 64)
"""The exam of runs that take no engine."""
REAL = "real"
REAL_EXAM = "hello-routes"


def timed(run: Any, times: TextIO) -> Any:
    """Return `run`, whose beginnings and ends are written down."""

    def timing(*args: Any, **more: Any) -> GradeReport:
        begin = time.time()
        report: GradeReport = run(*args, **more)
        times.write(f"{begin:.6f} {time.time():.6f}\n")
        times.flush()
        return report

    return timing


def stand_in(seconds: float) -> Any:
    """Return a `grade` that waits and passes."""

    def quick(challenge: Any, *_: Any, **more: Any) -> GradeReport:
        result = a_result("entry.create")
        tell = more["listener"]
        tell(RunStarted(run="r", challenge=challenge, origin="x", seed=more["options"].seed))
        tell(PhaseStarted(phase="build"))
        if more["cancel"].wait(seconds):
            msg = "The worker ends."
            raise Cancelled(msg)
        tell(CheckFinished(result=result))
        return graded(result, challenge=challenge)

    return quick


def main(database: str, folder: str, name: str, seconds: str) -> None:
    """Work until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = Settings.from_env(os.environ)
    real = seconds == REAL
    exams = exams_here(settings.challenges, [REAL_EXAM]) if real else {CHALLENGE.digest: CHALLENGE}
    with Path(folder, f"{name}.times").open("w", encoding="utf-8") as times:
        plan = WorkerPlan(
            database=PortalDatabase(database, connections=4), name=name,
            blobs=Path(folder, "blobs"),
            settings=settings if real else replace(settings, state=Path(folder, "state")),
            exams=exams, grade=timed(grade if real else stand_in(float(seconds)), times),
            shared=EnvironmentPool if real else lambda _: nullcontext(None),
        )  # fmt: skip
        work(plan, stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
