"""`grader images`: the base images that builds and services start from."""

from __future__ import annotations

import click

from grader.cli.common import console, settings


@click.group()
def images() -> None:
    """Look at the base images, or get them all.

    They come from the registry where there is one; where there is none, they are made of the
    distribution's packages, and reports name what stood in for what.
    """


@images.command()
def status() -> None:
    """Say which image stands for which, and what is missing."""
    from rich.table import Table

    from grader.sandbox import images as base_images
    from grader.sandbox.engine import Engine

    machine = settings()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Wanted", "On this machine", "In its place", "Size", "Packages"):
        table.add_column(heading, overflow="fold")
    rows = base_images.status(Engine.connect(machine.docker_host), settings=machine)
    for row in rows:
        size = f"{row.size / 1024**2:.0f} MiB" if row.image else ""
        table.add_row(
            row.reference, row.image or "not yet", row.substitute, size, row.packages[7:19]
        )
    console().print(table)
    for row in rows:
        if row.changed:
            text = f"{row.reference}: its packages changed on {row.changed}"
            console().print(text, markup=False, highlight=False)


@images.command()
@click.option("--all", "every", is_flag=True, help="Also the bases that fewer Dockerfiles name.")
def prepare(*, every: bool) -> None:
    """Get or make all that a run needs; what is there already is left alone."""
    from grader.sandbox import images as base_images
    from grader.sandbox.engine import Engine

    machine = settings()
    ready = base_images.prepare(
        Engine.connect(machine.docker_host),
        settings=machine,
        progress=lambda text: click.echo(f"  {text}"),
        bases=base_images.PYTHON_BASES + (base_images.RARER_BASES if every else ()),
    )
    click.echo(f"{len(ready)} images are ready.")
