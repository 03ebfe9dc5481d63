"""`grader new`: begin a challenge."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("slug")
@click.option(
    "--mode",
    type=click.Choice(["dockerfile", "compose"]),
    default="dockerfile",
    show_default=True,
    help="What students hand in: a Dockerfile, or a Compose file as well.",
)
@click.option(
    "--style",
    type=click.Choice(["json", "html"]),
    default="json",
    show_default=True,
    help="What the app answers: JSON, or a page with a form.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path("challenges"),
    show_default=True,
    metavar="DIR",
    help="Folder of challenges; the solutions go into reference_solutions alongside it.",
)
def new(slug: str, *, mode: str, style: str, into: Path) -> None:
    """Write the new challenge SLUG, with a contract, a suite, a starter and solutions.

    It is small and it holds: `grader verify` finds no fault in it. Change it step by step into
    yours, and verify it as you go.
    """
    from grader.authoring import write_challenge

    written = write_challenge(slug, into, mode=mode, style=style)
    click.echo(f"{written.challenge} holds the challenge: read challenge.yml first.")
    click.echo(f"{written.solutions} holds its solutions, accepted and rejected.")
    click.echo(f"Prove that it holds: grader verify {slug} --challenges {into}")
