"""`grader solution`: a reference solution as a whole repository, and the patch of an edited one."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.common import challenges_option, find_challenge, settings, slug_argument
from grader.errors import UsageError


@click.command()
@slug_argument
@click.argument("name")
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@click.option(
    "--from",
    "edited",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Make NAME.patch of the edited copy in this folder.",
)
@challenges_option
def solution(
    slug: str, name: str, *, directory: Path | None, edited: Path | None, sources: tuple[str, ...]
) -> None:
    """Write the solution NAME of exam SLUG into DIRECTORY, or make its patch.

    Accepted solutions and rejected ones are written out whole, to look at, to run or to edit. With
    --from, the copy of an accepted one in which you have made a mistake becomes the patch of the
    rejected solution NAME; NAME.yml has to be there, and says which one it is a copy of. Caches,
    virtual environments and .git are left out.
    """
    from grader.verify.editing import write_patch, write_solution

    if (directory is None) == (edited is None):
        msg = "Name the folder to write the solution into, or an edited copy of it with --from."
        raise UsageError(msg)
    machine = settings(sources)
    challenge = find_challenge(slug, machine)
    references = machine.references_of(challenge.root)
    if directory is not None:
        write_solution(references, challenge, name, directory)
        click.echo(f"{directory} holds the solution {name} of {slug}.")
        return
    assert edited is not None
    for made in write_patch(references, challenge, name, edited):
        if not made.changed:
            click.echo(f"{made.path} is up to date.")
        elif not made.lines:
            click.echo(f"{made.path} is removed: it would be empty.")
        else:
            click.echo(f"{made.path} holds {made.lines} lines, for {made.files} files.")
    click.echo(f"Try it: grader verify {slug} --solution {name}")
