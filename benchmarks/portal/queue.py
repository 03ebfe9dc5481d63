"""`python -m benchmarks.portal.queue [--jobs 10000] [--workers 8] [--every 10] [--real]`.

Hands in for two courses of which one has twice the weight, and has workers grade it while workers,
the pages and the database are killed by SIGKILL at random, every `--every` seconds one of them.
Prints what became of the gradings, how the courses shared the workers, and the queue's own
overhead: the time of a worker between the end of one run and the beginning of the next. Ends with 1
where a grading was lost or graded twice. With `--real` a hundred submissions are graded with the
engine, by two workers. `--markdown` writes the table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.page import machine, write_part
from benchmarks.portal.crew import Crew
from benchmarks.portal.school import (
    MadeCourse,
    OwnServer,
    PlannedCourse,
    archive_of,
    hand_in_all,
    keep_blob,
    make_courses,
    own_server,
)
from benchmarks.portal.worker import CHALLENGE, REAL, REAL_EXAM
from grader.portal.data.database import PortalDatabase
from grader.portal.data.exams import Assignment
from grader.portal.data.work import (
    OPEN_STATES,
    Grading,
    GradingResult,
    GradingState,
    SubmissionRecord,
)
from grader.portal.errors import DatabaseAway
from grader.portal.worker.exams import exams_here
from grader.settings import REPOSITORY, Settings
from grader.waiting import wait_until

STUDENTS = 250
STALLED_SECONDS = 300.0
"""After which a queue that gets no shorter is taken for stuck."""
WEIGHTS = (1, 2)
BOTH = 0.6
"""The part of the gradings while which both courses have some that wait."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What is in the tables at the end."""

    states: Counter[str]
    results: int
    doubled: int
    share: float
    """Of the heavier course, in what was done first; its due is two thirds."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What became of it."""

    jobs: int
    workers: int
    seconds: float
    counted: Counted
    gaps: list[float]
    """Seconds of workers between two runs."""
    kills: dict[str, int]

    @property
    def sound(self) -> bool:
        """Whether each was graded just once."""
        return (
            self.counted.states == Counter({str(GradingState.DONE): self.jobs})
            and self.counted.results == self.jobs
            and not self.counted.doubled
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.portal.queue")
    parser.add_argument("--jobs", type=int, default=None, help="10000; 100 with --real")
    parser.add_argument("--workers", type=int, default=None, help="8; 2 with --real")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two kills")
    parser.add_argument("--seconds", type=float, default=0.8, help="what a run takes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true", help="grade with the engine")
    parser.add_argument("--markdown", action="store_true", help="write the table into the docs")
    options = parser.parse_args()
    settings = Settings.from_env(os.environ)
    with own_server(settings) as server:
        found = measure(server, settings, options)
    lines = table(found)
    print("\n".join(lines))
    if options.markdown:
        write_part("portal-real" if options.real else "portal-queue", lines)
    sys.exit(0 if found.sound else 1)


def measure(server: OwnServer, settings: Settings, options: argparse.Namespace) -> Measured:
    """Hand in, grade, kill; return what became of it."""
    jobs = options.jobs or (100 if options.real else 10_000)
    workers = options.workers or (2 if options.real else 8)
    database = PortalDatabase(server.url)
    challenge = CHALLENGE
    content = b"PK what everybody hands in"
    if options.real:
        (challenge,) = exams_here(settings.challenges, [REAL_EXAM]).values()
        solution = REPOSITORY / "reference_solutions" / REAL_EXAM / "accepted" / "flask"
        content = archive_of(solution)
    per_course = jobs // 2
    students = min(STUDENTS, per_course)
    planned = [
        PlannedCourse(
            title=f"Course {weight}", weight=weight, students=students,
            assignments=per_course // students,
        )
        for weight in WEIGHTS
    ]  # fmt: skip
    courses = make_courses(database, challenge, planned)
    blob = keep_blob(server.folder / "blobs", content)
    began = time.monotonic()
    count = sum(hand_in_all(database, course, blob) for course in courses)
    print(f"{count} handed in, in {time.monotonic() - began:.0f} s", flush=True)
    crew = Crew(
        database=server.url, folder=server.folder,
        seconds=REAL if options.real else str(options.seconds),
    )  # fmt: skip
    began = time.monotonic()
    try:
        crew.start_pages()
        for _ in range(workers):
            crew.add_worker()
        crashed = _kill_until_done(crew, server, database, options)
    finally:
        crew.end()
    took = time.monotonic() - began
    found = counted(database, courses)
    database.close()
    return Measured(
        jobs=count, workers=workers, seconds=took, gaps=_gaps(server.folder),
        kills={
            "workers": crew.killed_workers, "pages": crew.killed_pages, "database": crashed,
        },
        counted=found,
    )  # fmt: skip


def _kill_until_done(
    crew: Crew, server: OwnServer, database: PortalDatabase, options: argparse.Namespace
) -> int:
    """Kill something every few seconds until nothing is left to grade; return the crashes."""
    draw, crashed = random.Random(options.seed), 0
    left, moved = _left(database), time.monotonic()
    shown = left
    while left:
        wait_until(lambda: _left(database) == 0, within=options.every, poll=0.5)
        now = _left(database)
        if now != left:
            left, moved = now, time.monotonic()
        elif time.monotonic() - moved > STALLED_SECONDS:
            print(f"Nothing moves: {left} are left.", flush=True)
            break
        if shown - left > 1000 or (options.real and shown - left > 9):
            print(f"{left} left", flush=True)
            shown = left
        if not left:
            break
        what = draw.choices(("worker", "pages", "database"), weights=(8, 1, 1))[0]
        if what == "worker":
            crew.kill_worker(draw)
        elif what == "pages":
            crew.kill_pages()
        else:
            server.crash()
            crashed += 1
    return crashed


def _left(database: PortalDatabase) -> int:
    """Return how many gradings have no end yet; -1 while the database recovers."""
    try:
        with database.transaction() as session:
            counted = select(func.count()).where(Grading.state.in_(OPEN_STATES))
            return int(session.scalar(counted) or 0)
    except DatabaseAway:
        return -1


def counted(database: PortalDatabase, courses: list[MadeCourse]) -> Counted:
    """Return what is in the tables at the end."""
    with database.transaction() as session:
        states = session.execute(select(Grading.state, func.count()).group_by(Grading.state)).all()
        results = session.scalars(select(GradingResult.grading_id)).all()
        ended = session.execute(
            select(Grading.__table__.c.ended_at, Assignment.course_id)
            .join(SubmissionRecord, SubmissionRecord.id == Grading.submission_id)
            .join(Assignment, Assignment.id == SubmissionRecord.assignment_id)
            .order_by(Grading.__table__.c.ended_at)
        ).all()
    heavy = max(courses, key=lambda one: one.weight).id
    first = ended[: int(len(ended) * BOTH)]
    done = sum(course == heavy for _, course in first)
    return Counted(
        states=Counter({str(state): number for state, number in states}),
        results=len(set(results)),
        doubled=len(results) - len(set(results)),
        share=done / max(len(first), 1),
    )


def _gaps(folder: Path) -> list[float]:
    """Return the seconds between the runs of each worker."""
    found = []
    for path in folder.glob("*.times"):
        lines = [line.split() for line in path.read_text("utf-8").splitlines()]
        times = [(float(one[0]), float(one[1])) for one in lines if len(one) == 2]
        found += [after[0] - before[1] for before, after in pairwise(times)]
    return sorted(found)


def table(found: Measured) -> list[str]:
    """Return what to print and to write into the docs."""
    at = {name: found.gaps[int(len(found.gaps) * part)] * 1000
          for name, part in (("median", 0.5), ("p95", 0.95), ("p99", 0.99))}  # fmt: skip
    kills = ", ".join(f"{name} {count}" for name, count in found.kills.items())
    states = ", ".join(f"{state} {count}" for state, count in found.counted.states.items())
    return [
        machine(),
        "",
        "| what | figure |",
        "|---|---|",
        f"| gradings, workers | {found.jobs}, {found.workers} |",
        f"| killed by SIGKILL | {kills} |",
        f"| ended as | {states} |",
        f"| with a result; with two | {found.counted.results}; {found.counted.doubled} |",
        f"| share of the course with two thirds of the weight | {found.counted.share:.3f} |",
        "| between two runs of a worker | "
        + ", ".join(f"{name} {value:.0f} ms" for name, value in at.items())
        + " |",
        f"| in all | {found.seconds:.0f} s |",
    ]


if __name__ == "__main__":
    main()
