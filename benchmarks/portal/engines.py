"""`python -m benchmarks.portal.engines [--submissions 60] [--markdown]`.

Two `grader worker`s grade what the students of two courses hand in by the pages, each with a Docker
engine of its own: this machine's, and a second one in a network namespace (see `second_engine`).
Prints how many each has graded, what each engine has started, and how the courses shared them. Ends
with 1 where a grading was lost, graded twice, has lost a point, or one of the two did nothing.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from benchmarks.page import machine, write_part
from benchmarks.portal.crew import Crew
from benchmarks.portal.queue import Counted, counted
from benchmarks.portal.school import (
    MadeCourse,
    OwnServer,
    PlannedCourse,
    archive_of,
    make_courses,
    own_server,
    signed_in_cookies,
)
from benchmarks.portal.second_engine import SecondEngine, missing, reachable, second_engine
from benchmarks.portal.watchers import Browser, Seen, form_of
from benchmarks.portal.worker import REAL_EXAM
from grader.portal.data.address import DATABASE
from grader.portal.data.database import PortalDatabase
from grader.portal.data.work import OPEN_STATES, Grading, GradingResult, GradingState
from grader.portal.worker.exams import exams_here
from grader.sandbox.engine import Engine
from grader.sandbox.images.prepare import status
from grader.settings import REPOSITORY, Settings
from grader.waiting import wait_until

WITHIN = 1800.0
STOP_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What became of it."""

    counted: Counted
    by_worker: Counter[int]
    """Gradings by the worker's id."""
    full: int
    """How many have all points."""
    started: dict[str, int]
    """Containers by engine."""
    wrong: Counter[str]
    """Answers of the pages that were not right."""
    seconds: float

    def sound(self, submissions: int) -> bool:
        """Whether each was graded once, on either engine, and lost nothing."""
        return (
            self.counted.states == Counter({str(GradingState.DONE): submissions})
            and self.counted.results == self.full == submissions
            and not self.counted.doubled
            and len(self.by_worker) == len(self.started) == 2
            and all(self.started.values())
            and not self.wrong
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.portal.engines")
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument("--markdown", action="store_true", help="write the table into the docs")
    options = parser.parse_args()
    if absent := missing():
        sys.exit(f"{', '.join(absent)} cannot be found, which a second engine needs.")
    settings = Settings.from_env(os.environ)
    with (
        tempfile.TemporaryDirectory(prefix="grader-engine-") as scratch,
        own_server(settings) as server,
        second_engine(Path(scratch)) as second,
        reachable(urlsplit(server.url).port or 5432) as place,
    ):
        found = measure(server, second, place, settings, options.submissions)
    lines = table(found, options.submissions)
    print("\n".join(lines))
    if options.markdown:
        write_part("portal-engines", lines)
    sys.exit(0 if found.sound(options.submissions) else 1)


def measure(
    server: OwnServer, second: SecondEngine, place: tuple[str, int], settings: Settings, count: int
) -> Measured:
    """Hand in and grade; return what became of it."""
    (challenge,) = exams_here(settings.challenges, [REAL_EXAM]).values()
    second.load([one.image for one in status(server.engine, settings=settings) if one.image])
    database = PortalDatabase(server.url)
    planned = [
        PlannedCourse(title=f"Course {name}", weight=1, students=count // 2, assignments=1)
        for name in "AB"
    ]
    courses = make_courses(database, challenge, planned)
    crew = Crew(database=server.url, folder=server.folder, seconds="real")
    seen, began = Seen(), time.time()
    with ExitStack() as undo:
        undo.callback(database.close)
        undo.callback(crew.end)
        starts = {
            name: undo.enter_context(_starts(host))
            for name, host in (("first", settings.docker_host), ("second", second.host))
        }
        crew.start_pages()
        for course in courses:
            _hand_in(crew.port, database, server.folder, course, seen)
        there = server.url.replace(f"127.0.0.1:{urlsplit(server.url).port}", "{}:{}".format(*place))
        undo.enter_context(_worker(server, "first", server.url, [], {}))
        undo.enter_context(_worker(server, "second", there, second.within, second.environment))
        by_worker = _watch(database)
        took = time.time() - began
        with database.transaction() as session:
            results = session.scalars(select(GradingResult)).all()
            full = sum(one.earned == str(one.possible) for one in results)
        return Measured(
            counted=counted(database, courses), by_worker=by_worker, full=full, wrong=seen.wrong,
            seconds=took,
            started={name: one.total() for name, one in starts.items()},
        )  # fmt: skip


def _hand_in(
    port: int, database: PortalDatabase, folder: Path, course: MadeCourse, seen: Seen
) -> None:
    """Have each student of `course` hand in an answer that is right, by the form."""
    solution = REPOSITORY / "reference_solutions" / REAL_EXAM / "accepted" / "flask"
    content = archive_of(solution)
    for cookie in signed_in_cookies(database, folder, course.students):
        browser = Browser(port, cookie, seen)
        for number in course.assignments:
            page, _ = browser.ask("an assignment", f"/assignments/{number}")
            body = form_of(page, content)
            place = f"/assignments/{number}/submissions"
            browser.ask("handing in", place, body=body, expected=303)
        browser.close()


@contextmanager
def _worker(
    server: OwnServer, name: str, url: str, before: list[str], variables: dict[str, str]
) -> Iterator[None]:
    """Run `grader worker` for the portal's database at `url`."""
    command = [
        *before, sys.executable, "-m", "grader", "worker", "--exam", REAL_EXAM,
        "--blobs", str(server.folder / "blobs"),
    ]  # fmt: skip
    with (server.folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, stdout=log, stderr=log, start_new_session=True,
            env=os.environ | {DATABASE: url} | variables,
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
            if process.returncode:
                print((server.folder / f"{name}.log").read_text("utf-8", "replace")[-4000:])


def _watch(database: PortalDatabase) -> Counter[int]:
    """Wait until nothing is left; return how many each worker has had."""
    had: dict[int, int] = {}

    def over() -> bool:
        with database.transaction() as session:
            left = session.scalars(select(Grading).where(Grading.state.in_(OPEN_STATES))).all()
            for one in left:
                if one.lease.worker_id is not None:
                    had[one.id] = one.lease.worker_id
        return not left

    if not wait_until(over, within=WITHIN, poll=0.2):
        print("Not all were graded in time.", flush=True)
    return Counter(had.values())


@contextmanager
def _starts(host: str | None) -> Iterator[Counter[str]]:
    """Count the containers that an engine starts within the block; it keeps few events itself."""
    engine, counted = Engine.connect(host), Counter[str]()
    events = engine.client.events(decode=True, filters={"type": "container", "event": "start"})

    def listen() -> None:
        for one in events:
            counted[one["Action"]] += 1

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    try:
        yield counted
    finally:
        events.close()
        listening.join(STOP_SECONDS)
        engine.close()


def table(found: Measured, submissions: int) -> list[str]:
    """Return what to print and to write into the docs."""
    each = " and ".join(str(count) for _, count in sorted(found.by_worker.items()))
    started = ", ".join(f"{name} {count}" for name, count in found.started.items())
    states = ", ".join(f"{state} {count}" for state, count in found.counted.states.items())
    wrong = ", ".join(f"{what} ({count})" for what, count in found.wrong.items()) or "none"
    return [
        machine(),
        "",
        "| what | figure |",
        "|---|---|",
        f"| submissions of two courses of equal weight | {submissions} |",
        f"| graded by the one worker and by the other | {each} |",
        f"| containers that each engine has started | {started} |",
        f"| ended as; with all points | {states}; {found.full} |",
        f"| with a result; with two | {found.counted.results}; {found.counted.doubled} |",
        f"| share of one course in the first three fifths | {found.counted.share:.3f} |",
        f"| wrong answers of the pages | {wrong} |",
        f"| in all | {found.seconds:.0f} s |",
    ]


if __name__ == "__main__":
    main()
