"""`grader clean`: remove what killed runs left behind."""

from __future__ import annotations

import click

from grader.cli.common import settings


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="Also what runs that are still going on use."
)
def clean(*, everything: bool) -> None:
    """Remove containers, networks, volumes, images and folders of runs that are over.

    Images that are kept for not being built again go as well. Base images and the package index
    stay; `grader index stop` ends the index.
    """
    from grader.run.workspace import sweep
    from grader.sandbox import image_cache
    from grader.sandbox.engine import Engine
    from grader.sandbox.reaper import reap

    machine = settings()
    folders = sweep(machine.state, everything=everything)
    engine = Engine.connect(machine.docker_host)
    removed = reap(engine, everything=everything)
    images = removed.images + image_cache.remove_old(engine)
    click.echo(
        f"Removed {removed.containers} containers, {removed.networks} networks, "
        f"{removed.volumes} volumes, {images} images and {folders} folders."
    )
