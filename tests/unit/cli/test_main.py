"""The table of commands, which `--help` shows without loading any of them."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from grader.cli.main import COMMANDS, cli


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says_of_itself(name: str) -> None:
    """The first sentence of its own help."""
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert COMMANDS[name][1] == command.get_short_help_str(limit=1000)


def test_help_loads_no_command() -> None:
    """Nor what commands need; so it is there at once."""
    code = (
        "import sys\n"
        "from grader.cli.main import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "heavy = {'grader.cli.common', 'grader.model', 'rich', 'yaml', 'docker'}\n"
        "sys.exit(f'loaded: {heavy & sys.modules.keys()}' if heavy & sys.modules.keys() else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Grade the submission PATH" in done.stdout
