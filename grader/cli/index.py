"""`grader index`: the local package index, by hand."""

from __future__ import annotations

import click

from grader.cli.common import settings


@click.group()
def index() -> None:
    """Look at the local package index, start it, stop it.

    Runs start it when they need it, and go on sharing it.
    """


@index.command()
def status() -> None:
    """Say where it listens and what it has cached."""
    from grader.sandbox.index import describe

    click.echo(describe(settings()))


@index.command()
def start() -> None:
    """Start it, unless it runs."""
    from grader.sandbox.engine import Engine
    from grader.sandbox.index import ensure

    machine = settings()
    address = ensure(Engine.connect(machine.docker_host), machine)
    click.echo(f"The package index answers at {address.host}:{address.port}.")


@index.command()
def stop() -> None:
    """End it; what it has cached stays."""
    from grader.sandbox import index as local_index

    ended = local_index.stop(settings())
    click.echo("The package index is stopped." if ended else "The package index was not running.")
