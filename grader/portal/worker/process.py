"""A worker's process: it listens for jobs until it is told to end, whatever the database does."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ProcrastinateException

from grader import __version__
from grader.model import Challenge, GradeReport
from grader.pipeline import grade
from grader.portal.actions.exams import register
from grader.portal.data.base import utc_now
from grader.portal.data.database import PortalDatabase, libpq_url
from grader.portal.data.operations import WorkerRecord
from grader.portal.queue import TASK, queue_of, regrade_queue_of
from grader.portal.store import BlobStore
from grader.portal.worker.heart import Heart
from grader.portal.worker.run import WorkerParts, run_grading
from grader.run.environment.pool import EnvironmentPool
from grader.settings import Settings

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
"""How late a job is seen whose notification was lost."""
AGAIN_SECONDS = 1.0
"""Pause before the queue is listened to again after it went away."""


@dataclass(frozen=True, kw_only=True)
class WorkerPlan:
    """What a worker does."""

    database: PortalDatabase
    blobs: Path
    settings: Settings
    exams: dict[str, Challenge]
    slots: int = 1
    """Runs at a time."""
    name: str = ""
    grade: Callable[..., GradeReport] = grade
    shared: Callable[[Settings], AbstractContextManager[EnvironmentPool | None]] = EnvironmentPool
    """Gives what the runs share."""


def work(plan: WorkerPlan, stop: threading.Event) -> None:
    """Grade what is queued until `stop` is set; runs that are under way then are given back."""
    heart = Heart(plan.database, _register(plan))
    parts = WorkerParts(
        database=plan.database, store=BlobStore(plan.blobs), settings=plan.settings,
        exams=plan.exams, heart=heart, grade=plan.grade,
    )  # fmt: skip
    heart.start()
    try:
        with plan.shared(plan.settings) as environments:
            _listen(plan, replace(parts, environments=environments), stop)
    finally:
        heart.stop()
        with plan.database.transaction() as session:
            session.get_one(WorkerRecord, heart.worker).ended_at = utc_now()


def _register(plan: WorkerPlan) -> int:
    with plan.database.transaction() as session:
        record = WorkerRecord(
            name=plan.name or f"{socket.gethostname()}:{os.getpid()}",
            version=__version__,
            capabilities={
                "slots": plan.slots,
                "exams": sorted(one.slug for one in plan.exams.values()),
                "digests": sorted(plan.exams),
            },
        )
        session.add(record)
        register(session, plan.exams.values())
        session.flush()
        return record.id


def _listen(plan: WorkerPlan, parts: WorkerParts, stop: threading.Event) -> None:
    """Listen to the queues of the exams, again and again where the database goes away."""
    while not stop.is_set():
        try:
            asyncio.run(_until_stopped(plan, parts, stop))
        except (psycopg.Error, ProcrastinateException, OSError) as error:
            log.warning("the queue went away: %s", error)
            stop.wait(AGAIN_SECONDS)


async def _until_stopped(plan: WorkerPlan, parts: WorkerParts, stop: threading.Event) -> None:
    app = App(connector=PsycopgConnector(conninfo=libpq_url(plan.database.url), max_size=6))
    app.task(name=TASK)(lambda grading_id: run_grading(parts, grading_id))
    live = [queue_of(digest) for digest in plan.exams]
    both = live + [regrade_queue_of(digest) for digest in plan.exams]
    # with several slots, regrades never have the last one: who hands in now does not wait for them
    shares = [(live, 1), (both, plan.slots - 1)] if plan.slots > 1 else [(both, 1)]
    async with app.open_async():
        running = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=queues,
                    concurrency=slots,
                    install_signal_handlers=False,
                    listen_notify=True,
                    fetch_job_polling_interval=POLL_SECONDS,
                    delete_jobs="always",
                )
            )
            for queues, slots in shares
        ]
        stopped = asyncio.create_task(asyncio.to_thread(_wait_for, stop, running))
        await asyncio.wait({*running, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            parts.heart.cancel_all()
        for one in running:
            one.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
    for found in ended:
        if isinstance(found, Exception) and not stop.is_set():
            raise found


def _wait_for(stop: threading.Event, running: list[asyncio.Task[None]]) -> None:
    """Return once `stop` is set, or a queue is not listened to any more."""
    while not stop.wait(0.05) and not any(one.done() for one in running):
        pass
