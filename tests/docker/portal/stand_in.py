"""A worker's process whose `grade` waits for a file: `python -m … DATABASE STATE NAME`."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.model import GradeReport
from grader.portal.data.database import PortalDatabase
from grader.portal.worker.process import WorkerPlan, work
from grader.settings import Settings
from grader.waiting import wait_until
from tests.docker.portal.test_worker import CHALLENGE, quick

WITHIN = 60.0


def main(database: str, state: str, name: str) -> None:
    """Work until it is killed."""
    folder = Path(state)

    def gated(*args: Any, **more: Any) -> GradeReport:
        (folder / f"{name}-began").touch()
        wait_until((folder / "go").exists, within=WITHIN)
        report = quick(*args, **more)
        (folder / f"{name}-graded").touch()
        return report

    settings = replace(Settings.from_env(os.environ), state=folder)
    plan = WorkerPlan(
        database=PortalDatabase(database), blobs=folder / "blobs", settings=settings,
        exams={CHALLENGE.digest: CHALLENGE}, grade=gated, name=name,
        shared=lambda _: nullcontext(None),
    )  # fmt: skip
    work(plan, threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
