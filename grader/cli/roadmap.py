"""`grader roadmap`: what the exams cover of the roadmaps that they are made from."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from grader.cli.common import challenges_option, settings
from grader.errors import SpecError, UsageError

if TYPE_CHECKING:
    from grader.spec.roadmap import Topic


@click.command()
@click.option("--planned", is_flag=True, help="Only the topics that no exam examines yet.")
@challenges_option
def roadmap(*, planned: bool, sources: tuple[str, ...]) -> None:
    """Show which exam examines which topic of the roadmaps.

    Ends with 2 where the file says more than the challenges hold, and where a challenge is broken;
    the others are looked at all the same.
    """
    from grader.spec.library import load_all
    from grader.spec.roadmap import NAME, read_roadmap
    from grader.verify.coverage import coverage_problems
    from grader.verify.solutions import rejected_solutions

    machine = settings(sources)
    path = next((one / NAME for one in machine.challenges if (one / NAME).is_file()), None)
    if path is None:
        folders = ", ".join(map(str, machine.challenges))
        msg = f"There is no {NAME} in {folders}; name a folder that has one with --challenges."
        raise UsageError(msg)
    topics = read_roadmap(path)
    challenges, broken = load_all(machine.challenges)
    rejected = {}
    for slug, one in challenges.items():
        try:
            rejected[slug] = rejected_solutions(machine.references_of(one.root), one)
        except SpecError as error:
            broken[slug] = error
    _print([topic for topic in topics if not (planned and topic.is_covered)])
    covered = sum(topic.is_covered for topic in topics)
    click.echo(f"{covered} of {len(topics)} topics are examined ({covered / len(topics):.0%}).")
    problems = [
        *coverage_problems(topics, challenges, rejected, broken),
        *(f"{slug} could not be looked at. {error}" for slug, error in broken.items()),
    ]
    for problem in problems:
        click.echo(f"✘ {problem}", err=True)
    if problems:
        sys.exit(2)


def _print(topics: Sequence[Topic]) -> None:
    wide = max((len(topic.id) for topic in topics), default=0)
    for topic in topics:
        mark = "✔" if topic.is_covered else "·"
        click.echo(f"{mark} {topic.id:{wide}}  {'/'.join(topic.sources):7}  {topic.pitfall}")
        for slug, names in topic.examined.items():
            click.echo(f"    {slug}: {', '.join(names)}")
        if topic.planned:
            so_far = f"; {topic.so_far}" if topic.so_far else ""
            click.echo(f"    planned: {topic.planned}{so_far}")
    click.echo()
