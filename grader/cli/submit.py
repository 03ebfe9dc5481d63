"""`grader submit`: hand in to a portal from a terminal, or from CI."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.common import console, settings
from grader.errors import UsageError
from grader.text import clean

if TYPE_CHECKING:
    from grader.cli.portal_client import PortalLogin

POLL_SECONDS = 1.0


@click.command()
@click.argument("assignment")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--wait", "waits", is_flag=True, help="Wait for the result, and print it.")
def submit(assignment: str, path: Path, *, waits: bool) -> None:
    """Hand in PATH, a folder or an archive, to ASSIGNMENT of the portal of `grader login`.

    ASSIGNMENT is its number, or its title where only one has that.

    Exit codes: 0 handed in (with --wait: passed), 1 not passed, 2 the portal refuses it, 3 the
    platform failed.
    """
    from grader.cli.portal_client import kept_login, send

    portal = kept_login(settings().state)
    sent = send(portal, _number(portal, assignment), path)
    click.echo(f"Handed in as submission {sent['number']}: {clean(str(sent['page']))}")
    if waits:
        sys.exit(_result(portal, sent["id"]))


def _number(portal: PortalLogin, assignment: str) -> int:
    if assignment.isascii() and assignment.isdigit():
        return int(assignment)
    known = portal.ask("GET", "/assignments")["assignments"]
    found = [one["id"] for one in known if one["title"].lower() == assignment.lower()]
    if len(found) != 1:
        listing = "; ".join(f"{one['id']} {clean(one['title'])}" for one in known) or "none"
        msg = f"There is not one assignment {assignment!r}. Name its number; there are: {listing}."
        raise UsageError(msg)
    return int(found[0])


def _result(portal: PortalLogin, number: int) -> int:
    """Print the result once there is one; return the exit code."""
    from grader.report.console import render
    from grader.report.read import from_json
    from grader.waiting import wait_until

    seen: dict[str, Any] = {}

    def is_over() -> bool:
        seen.update(portal.ask("GET", f"/submissions/{number}"))
        return bool(seen["over"])

    wait_until(is_over, within=math.inf, poll=POLL_SECONDS)
    if seen["passed"] is None:
        click.echo(f"There is no result: {clean(str(seen['state']))}. See {clean(seen['page'])}")
        return 3 if seen["state"] == "platform_fault" else 1
    report = portal.ask("GET", f"/submissions/{number}/report")
    console().print(render(from_json(json.dumps(report))), crop=False)
    return 0 if seen["passed"] else 1
