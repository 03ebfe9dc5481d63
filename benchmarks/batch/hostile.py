"""`python -m benchmarks.batch.hostile [--jobs 2] [--seed 1] [--challenge SLUG]…`.

Grades every submission of tests/hostile in one batch with as many healthy ones, each after one
that is hostile, for each of the small exams that they are made for. Prints how many there were, the
time, each healthy one that was not given all points, and each verdict that blames the platform for
what a student did; ends with 1 where there is such a one.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import yaml

from benchmarks.batch.leftovers import leftovers
from grader.batch import Attempt, BatchPlan, ReportStore, read_roster, run_batch, write_outputs
from grader.batch.rows import RowState
from grader.settings import Settings
from grader.spec.loader import load
from tests.docker.expectations import put_together

TESTS = Path(__file__).parents[2] / "tests"
HEALTHY = {"probe": "healthy", "probe-command": "command-whole", "probe-secrets": "secrets-kept"}
"""The submission with all points where it is not called after its exam."""


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
        wanted = yaml.safe_load(path.read_text("utf-8"))
        corpus[wanted.get("challenge", "probe")].append(path.parent)
    wrong = 0
    for slug in options.challenge or corpus:
        folders = corpus[slug]
        wrong += _mixed(slug, folders, settings, jobs=options.jobs, seed=options.seed)
    left = {what: number for what, number in leftovers(settings).items() if number}
    print(f"left behind: {left or 'nothing'}")
    sys.exit(1 if wrong or left else 0)


def _mixed(slug: str, folders: list[Path], settings: Settings, *, jobs: int, seed: int) -> int:
    """Grade `folders` and as many healthy ones; how many of these were not given all points."""
    challenge = load(settings.challenges[0] / slug)
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as scratch:
        answers = Path(scratch, "answers")
        answers.mkdir()
        for number, folder in enumerate(folders):
            # made in a folder of its own: some leave a repository next to what is handed in
            made = Path(scratch, "made", str(number), "submission")
            put_together(folder, made)
            made.rename(answers / f"{number:03}-a-{folder.name}")
            healthy = answers / f"{number:03}-b-healthy"
            put_together(TESTS / "submissions" / _healthy(slug), healthy)
            (healthy / "number").write_text(str(number))
        store = ReportStore(root=Path(scratch, "results"))
        plan = BatchPlan(challenge=challenge, settings=settings, store=store, jobs=jobs, seed=seed)
        began = time.monotonic()
        with store.ours():
            attempts = run_batch(plan, read_roster(answers), on_end=_tell)
            rows = write_outputs(challenge, attempts, store).rows
        seconds = time.monotonic() - began
    healthy_rows = [row for row in rows if row.entry.student.endswith("-b-healthy")]
    wrong = [row for row in healthy_rows if row.earned != challenge.points]
    print(
        f"{slug}: {len(folders)} hostile, {len(healthy_rows)} healthy, {seconds:.0f} s; "
        f"{len(wrong)} healthy ones were not given all points"
    )
    for row in wrong:
        print(f"  {row.entry.student}: {row.earned}, lost {row.lost}, {row.reason}")
    blamed = [row for row in rows if row.state is RowState.FAULT]
    print(f"{slug}: {len(blamed)} verdicts blame the platform")
    for row in blamed:
        print(f"  {row.entry.student}: {row.reason}")
    return len(wrong) + len(blamed)


def _healthy(slug: str) -> str:
    return HEALTHY.get(slug, f"{slug.removeprefix('probe-')}-healthy")


def _tell(attempt: Attempt) -> None:
    said = attempt.points or attempt.reason[:100]
    print(f"{attempt.entry.student}: {said}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
