"""`grader verify`: the proof that a challenge is fair and sharp."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from grader.cli.common import console, settings, slug_argument

if TYPE_CHECKING:
    from rich.table import Table

    from grader.verify import Trial, Verification


@click.command()
@slug_argument
@click.option("--jobs", type=click.IntRange(1, 16), help="Runs side by side (default: 2 at most).")
@click.option(
    "--solution", "names", multiple=True, metavar="NAME", help="Try only the solution of this name."
)
def verify(slug: str, *, jobs: int | None, names: tuple[str, ...]) -> None:
    """Check exam SLUG against its reference solutions.

    Accepted solutions must earn every point with three seeds, rejected ones must lose exactly what
    they name, junk apps almost everything, and the starter must start and not pass. Ends with 2
    where any of this does not hold.
    """
    from rich.text import Text

    from grader.spec import find
    from grader.verify import verify as run

    machine = settings()
    out = console()

    def say(trial: Trial) -> None:
        click.echo(f"{trial.kind} {trial.name}, seed {trial.seed}: {_short(trial)}", err=True)

    challenge = find(slug, machine.challenges)
    result = run(challenge, machine, jobs=jobs, names=names, on_trial=say)
    out.print(_table(result))
    for problem in result.problems:
        out.print(Text(f"✘ {problem}", style="red"))
    if result.holds:
        out.print(Text(f"✔ {slug} holds: {len(result.trials)} runs.", style="green"))
    sys.exit(0 if result.holds else 2)


def _short(trial: Trial) -> str:
    from grader.verify import Kind

    if trial.failure:
        return f"no score ({trial.failure})"
    lost = f", loses {', '.join(sorted(trial.lost))}" if trial.lost else ""
    return f"{trial.earned} points{lost if trial.kind is not Kind.JUNK else ''}"


def _table(result: Verification) -> Table:
    """Solutions against points; what a rejected one loses, and whether it should."""
    from rich.table import Table
    from rich.text import Text

    from grader.verify import Kind

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("Kind", "Solution", "Seed", "Points", "Loses"):
        table.add_column(heading, overflow="fold")
    for trial in result.trials:
        loses = Text()
        for name in sorted(trial.lost | trial.loses):
            good = trial.kind is not Kind.REJECTED or (name in trial.lost and name in trial.loses)
            loses.append(
                f"{name} ", style="" if good and trial.kind is not Kind.ACCEPTED else "red"
            )
        if trial.kind is Kind.JUNK:
            loses = Text(f"{len(trial.lost)} criteria")
        points = "none" if trial.failure else str(trial.earned)
        table.add_row(str(trial.kind), trial.name, str(trial.seed), points, loses)
    return table
