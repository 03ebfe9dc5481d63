"""`grader verify`: the proof that challenges are fair and sharp."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.common import challenges_option, complete_slug, console, find_challenge, settings
from grader.errors import SpecError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.settings import Settings
    from grader.verify import Proofs, Trial, Verification


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...", shell_complete=complete_slug)
@click.option("--all", "everything", is_flag=True, help="Every challenge there is.")
@challenges_option
@click.option(
    "--jobs",
    type=click.IntRange(1, 16),
    help="Runs side by side (default: by the machine's cores and the exam's containers).",
)
@click.option(
    "--solution",
    "names",
    multiple=True,
    metavar="NAME",
    help="Try only the solution of this name, whether it was proven before or not.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1, 50),
    help="Runs, each with another seed, of what may vary (default: 3, or 2 of rejected ones).",
)
@click.option("--again", is_flag=True, help="Run what was proven before, too.")
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write what was found as JSON to FILE; - is standard output.",
)
def verify(
    slugs: tuple[str, ...],
    *,
    everything: bool,
    sources: tuple[str, ...],
    jobs: int | None,
    names: tuple[str, ...],
    seeds: int | None,
    again: bool,
    json_file: str | None,
) -> None:
    """Check the exams SLUG... against their reference solutions.

    Accepted solutions must earn every point with three seeds, rejected ones must lose exactly what
    they name, junk apps almost everything, and the starter must start and not pass. A run that is
    repeated must come to the same, and so must a rejected one with another seed. A run that held
    within the last 30 days, with the same grader, challenge, solution and base images, counts and
    is not run again. Several exams end with a table: the runs, faults and seconds of each, and
    whether it holds. Ends with 2 where any of this does not hold.
    """
    from grader.cli.verification import closing_table, lines
    from grader.verify import Proofs, to_json

    machine = settings(sources)
    out = console(stderr=json_file == "-")
    results = []
    with closing(Proofs.of(machine, again=again or bool(names))) as proofs:
        for slug in _wanted(slugs, machine, everything=everything):
            result = _verified(slug, machine, jobs=jobs, names=names, seeds=seeds, proofs=proofs)
            for line in lines(result):
                out.print(line)
            results.append(result)
    if len(results) > 1:
        out.print("", closing_table(results), sep="\n")
    if json_file == "-":
        click.echo(to_json(results), nl=False)
    elif json_file:
        Path(json_file).write_text(to_json(results), "utf-8")
    sys.exit(0 if all(result.holds for result in results) else 2)


def _wanted(slugs: tuple[str, ...], machine: Settings, *, everything: bool) -> tuple[str, ...]:
    from grader.spec.places import slugs as known

    if everything == bool(slugs):
        msg = "Name the exams to verify, or say --all; `grader list` shows those there are."
        raise UsageError(msg)
    return tuple(known(machine.challenges)) if everything else tuple(dict.fromkeys(slugs))


def _verified(
    slug: str,
    machine: Settings,
    *,
    jobs: int | None,
    names: tuple[str, ...],
    seeds: int | None,
    proofs: Proofs,
) -> Verification:
    """Return what one challenge comes to; one with a broken spec comes to its faults."""
    from grader.verify import Verification
    from grader.verify import verify as run

    challenge = None
    try:
        challenge = find_challenge(slug, machine)
        return run(
            challenge, machine, jobs=jobs, names=names, count=seeds, on_trial=_say(slug),
            proofs=proofs,
        )  # fmt: skip
    except SpecError as error:
        return Verification(slug=slug, challenge=challenge, problems=tuple(error.problems))


def _say(slug: str) -> Callable[[Trial], None]:
    told: set[str] = set()

    def say(trial: Trial) -> None:
        name = f"{slug}: {trial.kind} {trial.name}, seed {trial.seed}"
        again = trial.failure in told
        told.add(trial.failure or "score")
        said = "no score, for the same reason" if again else _short(trial)
        click.echo(f"{name}: {said}", err=True)

    return say


def _short(trial: Trial) -> str:
    from grader.verify import TrialKind

    if trial.failure:
        return f"no score ({trial.failure})"
    lost = f", loses {', '.join(sorted(trial.lost))}" if trial.lost else ""
    return f"{trial.earned} points{lost if trial.kind is not TrialKind.JUNK else ''}"
