"""`python -m benchmarks.batch.hostile [--jobs 2] [--seed 1] [--challenge SLUG]…`.

Grades every submission of tests/hostile in one batch with as many healthy ones, each after one
that is hostile, for each of the small exams that they are made for. Prints how many there were, the
time, each healthy one that was not given all points, each verdict that blames the platform for
what a student did, each that is not the one expected, and each run that took more time, memory or
disk than the tests allow; ends with 1 where there is such a one, or where something is left.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.batch.leftovers import leftovers
from grader.batch import Attempt, BatchPlan, ReportStore, read_roster, run_batch, write_outputs
from grader.batch.entry import Entry
from grader.batch.rows import Row, RowState
from grader.model import Challenge
from grader.settings import Settings
from grader.spec.loader import load
from tests.docker.expectations import expected, put_together
from tests.docker.metering import Meter, Spent

TESTS = Path(__file__).parents[2] / "tests"
HEALTHY = {"probe": "healthy", "probe-command": "command-whole", "probe-secrets": "secrets-kept"}
"""The submission with all points where it is not called after its exam."""
NO_EXPECTATIONS: Mapping[str, str] = {"verdict": "graded"}
"""What a healthy submission has to come to."""


@dataclass(frozen=True, kw_only=True)
class Meters:
    """A meter for each run that is under way, and what the others have spent, by student."""

    folder: Path
    """On the disk that is looked at."""
    spent: dict[str, Spent] = field(default_factory=dict)
    _running: dict[str, Meter] = field(default_factory=dict)

    def start(self, entry: Entry) -> None:
        """Begin to measure the run of `entry`; called from its thread."""
        self._running[entry.student] = Meter(self.folder)
        self._running[entry.student].start()

    def end(self, attempt: Attempt) -> None:
        """Note what the run has spent, and tell its end."""
        self.spent[attempt.entry.student] = self._running.pop(attempt.entry.student).end()
        _tell(attempt)


@dataclass(frozen=True, kw_only=True)
class Mixed:
    """A class of hostile and healthy submissions that was graded."""

    rows: Sequence[Row]
    spent: Mapping[str, Spent]
    wanted: Mapping[str, Mapping[str, Any]]
    """What each of the hostile ones must come to, by student."""
    jobs: int

    def faults(self, challenge: Challenge) -> list[str]:
        """Return a line for each run that did not come to what it must."""
        return [
            f"{row.entry.student}: {said}" for row in self.rows for said in self._of(row, challenge)
        ]

    def _of(self, row: Row, challenge: Challenge) -> list[str]:
        student = row.entry.student
        wanted, found = self.wanted.get(student, NO_EXPECTATIONS), []
        if row.state is RowState.FAULT:
            found.append(f"the platform is blamed: {row.reason}")
        elif str(row.state) != wanted["verdict"]:
            found.append(f"{row.state}, and not {wanted['verdict']}: {row.reason}")
        if student not in self.wanted and row.earned != challenge.points:
            found.append(f"not all points: {row.earned}, lost {row.lost}, {row.reason}")
        beyond = self.spent[student].above(together=self.jobs)
        return found + [f"above its bounds: {said}" for said in beyond]


def main() -> None:
    """Grade and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.batch.hostile")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--challenge", action="append", help="this exam alone; may be repeated")
    options = parser.parse_args()
    settings = replace(Settings.from_env(os.environ), challenges=(TESTS / "challenges",))
    corpus = defaultdict(list)
    for path in sorted((TESTS / "hostile").glob("*/expected.yml")):
        corpus[expected(path.parent).get("challenge", "probe")].append(path.parent)
    wrong = 0
    for slug in options.challenge or corpus:
        folders = corpus[slug]
        wrong += _mixed(slug, folders, settings, jobs=options.jobs, seed=options.seed)
    left = {what: number for what, number in leftovers(settings).items() if number}
    print(f"left behind: {left or 'nothing'}")
    sys.exit(1 if wrong or left else 0)


def _mixed(slug: str, folders: list[Path], settings: Settings, *, jobs: int, seed: int) -> int:
    """Grade `folders` and as many healthy ones; how much is not as it must be."""
    challenge = load(settings.challenges[0] / slug)
    settings.state.mkdir(parents=True, exist_ok=True)
    meters = Meters(folder=settings.state)
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as scratch:
        wanted = _written(slug, folders, Path(scratch))
        store = ReportStore(root=Path(scratch, "results"))
        plan = BatchPlan(challenge=challenge, settings=settings, store=store, jobs=jobs, seed=seed)
        began = time.monotonic()
        with store.ours():
            roster = read_roster(Path(scratch, "answers"))
            attempts = run_batch(plan, roster, on_start=meters.start, on_end=meters.end)
            rows = write_outputs(challenge, attempts, store).rows
        seconds = time.monotonic() - began
    mixed = Mixed(rows=rows, spent=meters.spent, wanted=wanted, jobs=jobs)
    faults, spent = mixed.faults(challenge), meters.spent.values()
    print(
        f"{slug}: {len(folders)} hostile, {len(rows) - len(folders)} healthy, {seconds:.0f} s; a "
        f"run at most {max(one.seconds for one in spent):.0f} s, "
        f"{max(one.disk for one in spent) >> 20} MiB of disk and "
        f"{max(one.memory for one in spent) >> 20} MiB of memory; {len(faults)} not as they must be"
    )
    for said in faults:
        print(f"  {said}")
    return len(faults)


def _written(slug: str, folders: list[Path], scratch: Path) -> dict[str, Mapping[str, Any]]:
    """Write the class into `answers` of `scratch`; what each hostile one must come to."""
    answers, wanted = scratch / "answers", dict[str, Mapping[str, Any]]()
    answers.mkdir()
    for number, folder in enumerate(folders):
        # made in a folder of its own: some leave a repository next to what is handed in
        made = Path(scratch, "made", str(number), "submission")
        put_together(folder, made)
        name = f"{number:03}-a-{folder.name}"
        made.rename(answers / name)
        wanted[name] = expected(folder)
        healthy = answers / f"{number:03}-b-healthy"
        put_together(TESTS / "submissions" / _healthy(slug), healthy)
        (healthy / "number").write_text(str(number))
    return wanted


def _healthy(slug: str) -> str:
    return HEALTHY.get(slug, f"{slug.removeprefix('probe-')}-healthy")


def _tell(attempt: Attempt) -> None:
    said = attempt.points or attempt.reason[:100]
    print(f"{attempt.entry.student}: {said}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
