"""`grader worker`: one more machine for a portal."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from grader.cli.common import challenges_option, require_portal, settings
from grader.errors import UsageError
from grader.portal.data.address import DATABASE, database_address

BLOBS = "GRADER_PORTAL_BLOBS"
LOOK_SECONDS = 0.2
"""How late Ctrl-C may be seen."""


@click.command()
@click.option(
    "--database", metavar="URL", default="",
    help=f"The portal's database; better in {DATABASE}, as others see the command line.",
)  # fmt: skip
@click.option(
    "--blobs", type=click.Path(path_type=Path), metavar="DIR",
    help=f"The folder of what was handed in, shared with the portal; or {BLOBS}.",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1, 16), default=1, show_default=True, help="Runs at a time."
)
@click.option(
    "--exam", "exams", multiple=True, metavar="SLUG",
    help="Grade this exam alone; may be repeated (default: all that are here).",
)  # fmt: skip
@challenges_option
def worker(
    *,
    database: str,
    blobs: Path | None,
    jobs: int,
    exams: tuple[str, ...],
    sources: tuple[str, ...],
) -> None:
    """Grade what is handed in to a portal.

    It grades with the engine of this machine, needs the portal's database and its folder of blobs,
    and holds no other secret. Ctrl-C gives what it is grading back to the queue.

    Exit codes: 0 it was ended, 2 wrong usage, 3 the database or the engine is not there.
    """
    url = database_address(os.environ, database)
    folder = blobs or Path(os.environ.get(BLOBS, ""))
    if folder == Path():
        msg = f"Name the portal's folder of blobs: set {BLOBS}."
        raise UsageError(msg)
    machine = settings(sources)
    require_portal()

    from grader.portal.data.database import PortalDatabase
    from grader.portal.worker.exams import exams_here
    from grader.portal.worker.process import WorkerPlan, work
    from grader.sandbox.engine import Engine

    Engine.connect(machine.docker_host).close()  # else it would be told for each submission
    found = exams_here(machine.challenges, exams)
    if not found:
        msg = "There is no exam here that can be graded; `grader list` says why."
        raise UsageError(msg)
    opened = PortalDatabase(url, connections=jobs + 3)
    opened.check()
    plan = WorkerPlan(database=opened, blobs=folder, settings=machine, exams=found, slots=jobs)
    stop = threading.Event()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker") as pool:
        working = pool.submit(work, plan, stop)
        click.echo(f"Working for the portal: {len(found)} exams, {jobs} at a time. Ctrl-C ends it.")
        try:
            while not working.done():
                stop.wait(LOOK_SECONDS)
        except KeyboardInterrupt:
            click.echo("Ending; what is being graded goes back to the queue.", err=True)
        stop.set()
        working.result()
    opened.close()
