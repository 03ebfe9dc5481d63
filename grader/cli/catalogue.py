"""`grader list`, `grader show`, `grader start`: the exams there are, and how to begin with one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.common import (
    challenges_option,
    complete_slug,
    console,
    find_challenge,
    settings,
    slug_argument,
)
from grader.errors import SourceError, UsageError
from grader.text import clean

if TYPE_CHECKING:
    from grader.spec.listing import ListingRow


LEVELS = ("intro", "core", "advanced")


@click.command("list")
@click.option("--topic", help="Only the exams on this topic, as the list names it.")
@challenges_option
def list_challenges(*, topic: str | None, sources: tuple[str, ...]) -> None:
    """List the exams there are.

    They come by level, with the topics of each. Broken ones are named after the others, and it ends
    with 2 then.
    """
    from grader.spec.listing import listing
    from grader.spec.places import shadowed

    machine = settings(sources)
    for said in shadowed(machine.challenges).values():
        click.echo(f"Note: {said}", err=True)
    found = listing(machine.challenges, machine.state / "listing.json")
    rows = [one for one in found.rows if topic is None or topic in one.topics]
    if topic is not None and not rows:
        known = ", ".join(sorted({name for one in found.rows for name in one.topics}))
        msg = f"No exam is on {topic!r}; there are: {known}."
        raise UsageError(msg)
    _print(rows)
    for error in found.broken:
        click.secho(f"Error: {error}", err=True, fg="red")
    if found.broken:
        sys.exit(found.broken[0].exit_code)


def _print(exams: Sequence[ListingRow]) -> None:
    """Print a table for each level; five columns need none of rich, which takes long to load."""
    head = ("Challenge", "Title", "Time", "Points", "Topics")
    tables = {
        level: [
            (
                one.slug,
                clean(one.title),
                f"{one.seconds / 60:.0f} min" if one.seconds else "",
                str(one.points),
                clean(", ".join(one.topics)),
            )
            for one in exams
            if one.level == level
        ]
        for level in LEVELS
    }
    rows = [row for table in tables.values() for row in table]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]

    def line(row: Sequence[str]) -> str:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        return "  ".join(cells).rstrip()

    click.secho(line(head), bold=True)
    for level, table in tables.items():
        if table:
            click.secho(f"{level}:", bold=True)
        for row in table:
            click.echo(line(row))


@click.command()
@click.argument("slug", required=False, shell_complete=complete_slug)
@click.option("--openapi", is_flag=True, help="Print the HTTP contract (OpenAPI) instead.")
@click.option(
    "--schema",
    is_flag=True,
    help="Print the JSON Schema of challenge.yml; with SLUG, of the services that it brings, too.",
)
@challenges_option
def show(slug: str | None, *, openapi: bool, schema: bool, sources: tuple[str, ...]) -> None:
    """Show the brief of exam SLUG: what to build and how it is scored."""
    from rich.markdown import Markdown

    from grader.spec.schema import schema_text

    if schema:
        own: tuple[Path, ...] = ()
        if slug is not None:
            known = find_challenge(slug, settings(sources)).services
            own = tuple(sorted({one.folder for one in known if one.folder}))
        click.echo(schema_text(own), nl=False)
        return
    if slug is None:
        msg = "Name an exam: `grader list` shows those there are."
        raise UsageError(msg)
    challenge = find_challenge(slug, settings(sources))
    if openapi:
        if challenge.contract is None:
            msg = f"{slug} has no HTTP contract; `grader show {slug}` says what it asks for."
            raise UsageError(msg)
        click.echo(challenge.contract.read_text("utf-8"), nl=False)
        return
    console().print(Markdown((challenge.root / "README.md").read_text("utf-8")))


@click.command()
@slug_argument
@click.argument("directory", type=click.Path(path_type=Path))
@challenges_option
def start(slug: str, directory: Path, *, sources: tuple[str, ...]) -> None:
    """Copy the starter of exam SLUG into the new folder DIRECTORY, with its brief."""
    challenge = find_challenge(slug, settings(sources))
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        msg = f"{directory} exists and is not empty; name a new folder, nothing was written."
        raise SourceError(msg)
    shutil.copytree(challenge.root / "starter", directory, dirs_exist_ok=True)
    shutil.copy(challenge.root / "README.md", directory / "BRIEF.md")
    if challenge.contract:
        shutil.copy(challenge.contract, directory / "openapi.yml")
    click.echo(f"{directory} holds the starter of {slug}. Read {directory / 'BRIEF.md'} first.")
    click.echo(f"Then grade what you have: grader grade {slug} {directory}")
