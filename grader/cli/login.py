"""`grader login`: remember a portal and a token for `grader submit`."""

from __future__ import annotations

import sys

import click

from grader.cli.common import settings
from grader.errors import UsageError


@click.command()
@click.argument("address")
def login(address: str) -> None:
    """Remember the portal at ADDRESS for `grader submit`.

    It asks for a token, which the portal's page Tokens makes; from a pipe, it reads one line.

    Exit codes: 0 it is remembered, 2 the portal refuses the token, 3 it does not answer.
    """
    from grader.cli.portal_client import PortalLogin, keep_login

    if not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        msg = f"{address} is not safe for a token; use an address that begins with https://."
        raise UsageError(msg)
    piped = not sys.stdin.isatty()
    token = sys.stdin.readline().strip() if piped else click.prompt("Token", hide_input=True)
    found = PortalLogin(address=address.rstrip("/"), token=token.strip())
    count = len(found.ask("GET", "/assignments")["assignments"])
    file = keep_login(found, settings().state)
    click.echo(f"Remembered in {file}. It shows you {count} assignments.")
