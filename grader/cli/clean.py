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

    Base images and the package index stay; `grader index stop` ends the index.
    """
    from grader.phases.workspace import sweep
    from grader.sandbox.engine import Engine
    from grader.sandbox.reaper import reap

    machine = settings()
    folders = sweep(machine.state, everything=everything)
    removed = reap(Engine.connect(machine.docker_host), everything=everything)
    click.echo(
        f"Removed {removed.containers} containers, {removed.networks} networks, "
        f"{removed.volumes} volumes, {removed.images} images and {folders} folders."
    )
