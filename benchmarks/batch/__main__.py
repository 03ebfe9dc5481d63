"""`python -m benchmarks.batch [--count 60] [--jobs 2] [--challenge todo-api] [--naive N] …`.

Grades a class made from reference solutions, and prints submissions a minute, the memory of the
grader's process over time, what is left on the engine, and the scores that are not what the
solutions say. `--naive N` grades N of the same class one after the other in the naive way, in the
same run, and prints the ratio; `--markdown` writes the table into docs/performance.md. Ends with 1
where something is left, a score is wrong, or somebody has none.
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
from benchmarks.batch.leftovers import leftovers
from benchmarks.batch.loop import naive_loop
from benchmarks.page import machine, write_part
from grader.batch import BatchPlan, ReportStore, read_roster, run_batch, write_outputs
from grader.batch.figures import quantile
from grader.batch.rows import Row
from grader.settings import Settings
from grader.spec.library import find

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
        """Return the median of the tenth of that number, from 0 to 9."""
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
    parser.add_argument("--naive", type=int, default=0, metavar="N")
    parser.add_argument("--markdown", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    settings = Settings.from_env(os.environ)
    challenge = find(options.challenge, settings.challenges)
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as scratch:
        answers = Path(scratch, "answers")
        answers.mkdir()
        members = write_class(challenge, settings, answers, options.count)
        plan = BatchPlan(
            challenge=challenge, settings=settings,
            store=ReportStore(root=Path(scratch, "results")), jobs=options.jobs, seed=options.seed,
        )  # fmt: skip
        memory = Memory()
        memory.start()
        began = time.monotonic()
        with plan.store.ours():
            attempts = run_batch(plan, read_roster(answers), on_end=lambda one: progress(str(
                f"{one.entry.student}: {one.points or one.reason}")))  # fmt: skip
            seconds = time.monotonic() - began
            memory.end()
            rows = write_outputs(challenge, attempts, plan.store).rows
        naive = naive_loop(challenge, settings, sorted(answers.iterdir()), options.naive)
    faults = wrong(rows, members)
    left = leftovers(settings)
    lines = table(rows, seconds, memory, left, naive, jobs=options.jobs)
    print("\n".join(lines))
    if options.markdown:
        write_part("batch", lines)
    for fault in faults:
        print(fault)
    sys.exit(1 if faults or any(left.values()) else 0)


def progress(line: str) -> None:
    """One line to standard error, so that the table alone is on standard output."""
    print(line, file=sys.stderr, flush=True)


def wrong(rows: tuple[Row, ...], members: dict[str, Member]) -> list[str]:
    """Return a sentence for each that came to something else than its solution says."""
    found = []
    for row in rows:
        wanted = members[row.entry.student].loses
        if row.earned is None or row.reason:
            found.append(f"{row.entry.student} has no score: {row.reason}")
        elif set(row.lost) != wanted:
            more, fewer = sorted(set(row.lost) - wanted), sorted(wanted - set(row.lost))
            found.append(f"{row.entry.student} also loses {more} and keeps {fewer}")
    return found


def table(
    rows: tuple[Row, ...], seconds: float, memory: Memory, left: dict[str, int],
    naive: tuple[float, ...], *, jobs: int,
) -> list[str]:  # fmt: skip
    """Return the rows of what was measured, as Markdown."""
    taken = [row.run.seconds for row in rows if row.earned is not None]
    second, last = memory.tenth(1), memory.tenth(9)
    rate = len(rows) / seconds * 60
    lines = {
        "submissions": f"{len(rows)}",
        "time": f"{seconds:.0f} s",
        "throughput": f"{rate:.1f} a minute",
        "one run, p50": f"{quantile(taken, 50):.1f} s",
        "one run, p95": f"{quantile(taken, 95):.1f} s",
        "the grader's memory, second tenth": f"{second:.0f} MiB",
        "the grader's memory, last tenth": f"{last:.0f} MiB ({(last / second - 1) * 100:+.0f} %)",
        "the grader's memory, at most": f"{max(memory.samples, default=0):.0f} MiB",
        "left behind": ", ".join(f"{number} {what}" for what, number in left.items()),
    }
    if naive:
        alone = 60 / statistics.mean(naive)
        lines["the naive loop"] = f"{alone:.2f} a minute ({len(naive)} of them, one after another)"
        lines["to the naive loop"] = f"{rate / alone:.1f} times"
    return [
        f"A class of reference solutions, `--jobs {jobs}`:",
        "",
        "| what | how much |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in lines.items()),
        "",
        machine(),
    ]


if __name__ == "__main__":
    main()
