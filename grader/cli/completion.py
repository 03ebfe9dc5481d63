"""`grader completion`: completion for bash, zsh and fish."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what turns on completion in SHELL.

    For bash, put this into ~/.bashrc: eval "$(grader completion bash)"
    """
    found = get_completion_class(shell)
    assert found is not None  # the choices above are those that click has
    root = context.find_root().command
    click.echo(found(root, {}, "grader", "_GRADER_COMPLETE").source())
