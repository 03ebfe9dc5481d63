"""`grader images`: what builds and services start from, and what of it is on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from grader.cli.common import challenges_option, complete_slug, console, find_challenge, settings
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.sandbox.images import WantedImage
    from grader.settings import Settings


@click.group()
def images() -> None:
    """Look at the images that exams need, or get them all.

    They come from the registry where there is one; where there is none, they are made of the
    distribution's packages, and reports name what stood in for what.
    """


def _exams(function: Any) -> Any:
    """Return the arguments that say for which exams: `slugs` and `sources`."""
    named = click.argument("slugs", nargs=-1, metavar="[SLUG]...", shell_complete=complete_slug)
    return named(challenges_option(function))


@images.command()
@_exams
def status(slugs: tuple[str, ...], *, sources: tuple[str, ...]) -> None:
    """Say which image stands for which, and what is missing.

    Of the exams SLUG..., or of all there are: the bases that Dockerfiles name, and the images of
    their services and of the roles of their Compose files.
    """
    from rich.table import Table

    from grader.sandbox import images as base_images
    from grader.sandbox.engine import Engine

    machine = settings(sources)
    wanted = _wanted(slugs, machine)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Wanted", "On this machine", "In its place", "Size", "Packages"):
        table.add_column(heading, overflow="fold")
    engine = Engine.connect(machine.docker_host)
    rows = base_images.status(engine, settings=machine, wanted=wanted)
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
@_exams
@click.option(
    "--common", is_flag=True, help="Only what most exams need: Python, MySQL and the tools."
)
@click.option("--all", "every", is_flag=True, help="Also the bases that fewer Dockerfiles name.")
def prepare(slugs: tuple[str, ...], *, sources: tuple[str, ...], common: bool, every: bool) -> None:
    """Get or make all that runs need; what is there already is left alone.

    Of the exams SLUG..., or of all there are. Where no registry answers, those of all exams take
    minutes; what is not prepared is made by the first run that needs it, and `make setup` asks for
    --common. The image of a service that an exam brings itself is prepared where the exam is named:
    the service's own class is run for that.
    """
    from grader.sandbox import images as base_images
    from grader.sandbox.engine import Engine

    if common and slugs:
        msg = "--common is of no exam: name exams, or leave them out."
        raise UsageError(msg)
    machine = settings(sources)
    wanted = base_images.COMMON if common else _wanted(slugs, machine)
    ready = base_images.prepare(
        Engine.connect(machine.docker_host),
        settings=machine,
        progress=lambda text: click.echo(f"  {text}"),
        wanted=(*wanted, *(base_images.RARER if every else ())),
    )
    click.echo(f"{len(ready)} images are ready.")


def _wanted(slugs: tuple[str, ...], machine: Settings) -> tuple[WantedImage, ...]:
    """Return what the exams that are named need, or all; broken ones of all are told of."""
    if slugs:
        return images_of(slugs, machine)
    found, broken = known_images(machine)
    for slug in broken:
        text = f"Note: {slug} cannot be read and is left out; `grader check {slug}` says why."
        click.echo(text, err=True)
    return found


def images_of(slugs: tuple[str, ...], machine: Settings) -> tuple[WantedImage, ...]:
    """Return what the exams of these names need. Raises as `find_challenge` does."""
    from grader.run.exam_images import exam_images
    from grader.sandbox.images import USUAL

    exams = [find_challenge(slug, machine) for slug in dict.fromkeys(slugs)]
    return _distinct(*USUAL, *(one for exam in exams for one in exam_images(exam, brought=True)))


def known_images(machine: Settings) -> tuple[tuple[WantedImage, ...], tuple[str, ...]]:
    """Return what the known exams need, and the names of those that cannot be read.

    No class is run for it that an exam brings.
    """
    from grader.run.exam_images import exam_images
    from grader.sandbox.images import COMMON
    from grader.spec.library import load_all

    exams, broken = load_all(machine.challenges)
    found = (one for exam in exams.values() for one in exam_images(exam, brought=False))
    return _distinct(*COMMON, *found), tuple(broken)


def _distinct(*wanted: WantedImage) -> tuple[WantedImage, ...]:
    return tuple(dict.fromkeys(wanted))
