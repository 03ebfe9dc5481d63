"""`grader check`: what is wrong with an exam, as far as no engine is needed to see it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from grader.cli.common import challenges_option, complete_slug, find_challenge, settings
from grader.errors import SpecError, UsageError
from grader.text import clean

if TYPE_CHECKING:
    from grader.settings import Settings


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...", shell_complete=complete_slug)
@click.option("--all", "everything", is_flag=True, help="Every challenge there is.")
@challenges_option
def check(slugs: tuple[str, ...], *, everything: bool, sources: tuple[str, ...]) -> None:
    """Look for faults of the exams SLUG... that need no engine: seconds, while you write.

    Spec, brief, contract, the suite's collection, and whether the rejected solutions can be put
    together. Nothing is graded: `grader verify` does that. Ends with 2 where it finds a fault.
    """
    from grader.spec.places import slugs as known

    machine = settings(sources)
    if everything == bool(slugs):
        msg = "Name the exams to check, or say --all; `grader list` shows those there are."
        raise UsageError(msg)
    wanted = known(machine.challenges) if everything else list(dict.fromkeys(slugs))
    sound = [_is_sound(slug, machine) for slug in wanted]
    sys.exit(0 if all(sound) else 2)


def _is_sound(slug: str, machine: Settings) -> bool:
    """Return whether one exam has no fault; says what was found."""
    from grader.verify.check import check as look

    started = time.monotonic()
    try:
        found = look(find_challenge(slug, machine), machine)
        problems = found.problems
    except SpecError as error:
        problems = tuple(error.problems)
    seconds = time.monotonic() - started
    for problem in problems:
        click.secho(f"✘ {slug}: {clean(problem)}", fg="red")
    if not problems:
        click.secho(
            f"✔ {slug}: no fault in spec, brief, contract, suite, {found.accepted} accepted and "
            f"{found.rejected} rejected solutions ({seconds:.1f} s). Whether it holds is shown by: "
            f"grader verify {slug}",
            fg="green",
        )
    return not problems
