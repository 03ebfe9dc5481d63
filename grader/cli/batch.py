"""`grader batch`: a whole class, from a folder to the grades."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.common import (
    challenges_option,
    console,
    deadline_option,
    find_challenge,
    seen,
    settings,
    slug_argument,
)
from grader.errors import UsageError
from grader.text import clean, clip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.batch.outputs import Outputs
    from grader.batch.rows import Row


@click.command()
@slug_argument
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="DIR",
    help="Write reports, grades and summary into this folder, and go on from what is in it.",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1, 16),
    help="Runs side by side (default: by the machine's cores and the exam's containers).",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), help="Draw the same random data for everybody."
)
@click.option(
    "--similar", "with_similar", is_flag=True, help="List submissions whose code is alike."
)
@deadline_option
@challenges_option
def batch(
    slug: str,
    source: Path,
    *,
    out: Path,
    jobs: int | None,
    seed: int | None,
    with_similar: bool,
    deadline: str | None,
    sources: tuple[str, ...],
) -> None:
    """Grade every submission of SOURCE against exam SLUG.

    SOURCE is a folder with a folder or an archive for each student, or a manifest: a .csv or .json
    file with the columns student and source (a path or a git URL), and ref, email and id where
    there are any. Run it again after whatever stopped it: what was graded is not graded again
    unless it, the exam or the grader has changed.

    Exit codes: 0 everybody has a result or nothing that can be read, 2 wrong usage or a broken
    challenge, 3 the platform failed for somebody, 130 interrupted.
    """
    from grader.batch import BatchPlan, ReportStore, read_roster, run_batch, write_outputs
    from grader.batch.similar import similar
    from grader.cli.batch_progress import board
    from grader.sandbox.engine import Engine
    from grader.spec.concurrency import runs_at_once

    machine = settings(sources)
    challenge = seen(find_challenge(slug, machine), "instructor", deadline)
    if out.resolve().is_relative_to(source.resolve()):
        msg = f"{out} lies in {source}, where it would be taken for a student; name another folder."
        raise UsageError(msg)
    entries = read_roster(source)
    store = ReportStore(root=out)
    Engine.connect(machine.docker_host).close()  # else it would be told once for each student
    with store.ours():
        plan = BatchPlan(
            challenge=challenge, settings=machine, store=store, seed=seed,
            jobs=jobs or runs_at_once(challenge),
        )  # fmt: skip
        with board(console(stderr=True), len(entries)) as shown:
            attempts = run_batch(plan, entries, on_start=shown.start, on_end=shown.end)
        pairs = similar(entries, challenge, machine) if with_similar else None
        written = write_outputs(challenge, attempts, store, pairs=pairs)
    _say(written, out)
    sys.exit(3 if _of(written.rows, "platform fault") else 0)


def _of(rows: Sequence[Row], state: str) -> list[Row]:
    return [row for row in rows if row.state == state]


def _say(written: Outputs, out: Path) -> None:
    """Say what became of the class in a few lines; what has no score is named."""
    spread = written.figures.spread
    if spread:
        click.echo(
            f"{spread.count} have a score: {spread.passed} passed, median {spread.median:.0f} %, "
            f"mean {spread.mean:.1f} %."
        )
    for state, what in (
        ("unreadable", "could not be read, and have no score"),
        ("platform fault", "have no score because the platform failed: run this again"),
    ):
        if rows := _of(written.rows, state):
            click.echo(f"{len(rows)} {what}:")
            for row in rows:
                reason = clip(row.reason.replace("\n", " "), 300)
                click.echo(f"  {clean(row.entry.student)}: {reason}")
    click.echo(
        f"Written to {out}: {', '.join(path.name for path in written.files)}, reports/ "
        "(yours, with all reasons), students/ (a page to hand out to each)."
    )
