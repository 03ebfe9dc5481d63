"""`python -m benchmarks.batch [--count 60] [--jobs 2] [--challenge todo-api] [--seed 1]`.

Grades a class made from reference solutions, and prints submissions a minute, the memory of the
grader's process over time, what is left on the engine, and the scores that are not what the
solutions say. Ends with 1 where something is left, a score is wrong, or somebody has none.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from benchmarks.batch.group import Member, write_class
from grader.batch import Plan, Shelf, read_roster, run_batch, write_outputs
from grader.batch.figures import quantile
from grader.batch.rows import Row
from grader.sandbox.engine import Engine
from grader.sandbox.labels import RUN, owner
from grader.settings import Settings
from grader.spec import find

EVERY = 0.5
"""Seconds between two looks at the memory."""


class Memory(threading.Thread):
    """The resident memory of this process in MiB, looked at again and again."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.samples: list[float] = []
        self._over = threading.Event()

    def run(self) -> None:
        """Look until it is over."""
        process = psutil.Process()
        while not self._over.wait(EVERY):
            self.samples.append(process.memory_info().rss / 1024**2)

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        self.join()

    def tenth(self, number: int) -> float:
        """The median of the tenth of that number, from 0 to 9."""
        size = max(len(self.samples) // 10, 1)
        part = self.samples[number * size : (number + 1) * size] or self.samples[-size:]
        return statistics.median(part) if part else 0.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.batch")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--challenge", default="todo-api")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    settings = Settings.from_env(os.environ)
    challenge = find(options.challenge, settings.challenges)
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as scratch:
        answers = Path(scratch, "answers")
        answers.mkdir()
        members = write_class(challenge, settings, answers, options.count)
        plan = Plan(
            challenge=challenge, settings=settings, shelf=Shelf(root=Path(scratch, "results")),
            jobs=options.jobs, seed=options.seed,
        )  # fmt: skip
        memory = Memory()
        memory.start()
        began = time.monotonic()
        with plan.shelf.ours():
            attempts = run_batch(plan, read_roster(answers), on_end=lambda one: progress(str(
                f"{one.entry.student}: {one.points or one.reason}")))  # fmt: skip
            seconds = time.monotonic() - began
            memory.end()
            rows = write_outputs(challenge, attempts, plan.shelf).rows
    faults = wrong(rows, members)
    left = leftovers(settings)
    show(len(rows), seconds, rows, memory, left)
    for fault in faults:
        print(fault)
    sys.exit(1 if faults or any(left.values()) else 0)


def progress(line: str) -> None:
    """One line to standard error, so that the table alone is on standard output."""
    print(line, file=sys.stderr, flush=True)


def wrong(rows: tuple[Row, ...], members: dict[str, Member]) -> list[str]:
    """A sentence for each that came to something else than its solution says."""
    found = []
    for row in rows:
        wanted = members[row.entry.student].loses
        if row.earned is None or row.reason:
            found.append(f"{row.entry.student} has no score: {row.reason}")
        elif set(row.lost) != wanted:
            more, fewer = sorted(set(row.lost) - wanted), sorted(wanted - set(row.lost))
            found.append(f"{row.entry.student} also loses {more} and keeps {fewer}")
    return found


def leftovers(settings: Settings) -> dict[str, int]:
    """What this process has made and is still on the engine, or in the state's folder."""
    engine, mine, label = Engine.connect(settings.docker_host), owner(), {"label": RUN}
    api = engine.client.api

    def ours(rows: list[dict[str, object]]) -> int:
        return sum(mine in str(row.get("Labels")) for row in rows)

    folders = (path.read_text("utf-8") for path in (settings.state / "runs").glob("*/owner"))
    return {
        "containers": ours(api.containers(all=True, filters=label)),
        "networks": ours(api.networks(filters=label)),
        "volumes": ours(api.volumes(filters=label)["Volumes"] or []),
        "images": ours(api.images(filters=label)),
        "folders": sum(mine == text for text in folders),
    }


def show(
    count: int, seconds: float, rows: tuple[Row, ...], memory: Memory, left: dict[str, int]
) -> None:
    """The table."""
    taken = [row.seconds for row in rows if row.earned is not None]
    second, last = memory.tenth(1), memory.tenth(9)
    lines = {
        "submissions": f"{count}",
        "time": f"{seconds:.0f} s",
        "throughput": f"{count / seconds * 60:.1f} a minute",
        "one run, p50": f"{quantile(taken, 50):.1f} s",
        "one run, p95": f"{quantile(taken, 95):.1f} s",
        "memory, second tenth": f"{second:.0f} MiB",
        "memory, last tenth": f"{last:.0f} MiB ({last - second:+.0f})",
        "memory, at most": f"{max(memory.samples, default=0):.0f} MiB",
        "left behind": ", ".join(f"{number} {what}" for what, number in left.items()),
    }
    for name, value in lines.items():
        print(f"{name:22}{value}")


if __name__ == "__main__":
    main()
