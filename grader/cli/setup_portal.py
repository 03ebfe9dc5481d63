"""`grader setup-portal`: what a portal needs before its pages and workers start."""

from __future__ import annotations

import os
from pathlib import Path

import click

from grader.cli.common import challenges_option, require_portal, settings
from grader.cli.worker_role import role_password
from grader.errors import UsageError
from grader.portal.care.mail_server import ADDRESS
from grader.portal.data.address import DATABASE, database_address


@click.command(name="setup-portal")
@click.option(
    "--database", metavar="URL", default="",
    help=f"The portal's database, as a role that may make tables and roles; or {DATABASE}.",
)  # fmt: skip
@click.option(
    "--worker-password-file", type=click.Path(path_type=Path), metavar="FILE",
    help="Make the role portal_worker with this password, too; a new one is drawn where there is "
    "no such file.",
)  # fmt: skip
@click.option(
    "--exam", "exams", multiple=True, metavar="SLUG",
    help="Offer this exam alone; may be repeated (default: all that are here).",
)  # fmt: skip
@challenges_option
def setup_portal(
    *,
    database: str,
    worker_password_file: Path | None,
    exams: tuple[str, ...],
    sources: tuple[str, ...],
) -> None:
    """Bring a portal's database up to date before its pages and workers start.

    It makes or migrates the tables, makes the exams of this machine known, and prints an
    administrator's link as long as no administrator has a password. `grader serve` does all of it
    by itself. Run it again after each upgrade; it changes nothing else.

    Exit codes: 0 the database is ready, 2 wrong usage, 3 the database is not there.
    """
    url = database_address(os.environ, database)
    portal = os.environ.get(ADDRESS, "").rstrip("/")
    if not portal.startswith(("http://", "https://")):
        msg = f"Name the portal's own address in {ADDRESS}, like https://exams.school.example."
        raise UsageError(msg)
    machine = settings(sources)
    require_portal()

    from grader.portal.data.database import PortalDatabase
    from grader.portal.serve.prepare import prepare

    password = role_password(worker_password_file) if worker_password_file else ""
    opened = PortalDatabase(url, connections=2)
    try:
        told, _ = prepare(
            opened, machine, address=portal, exams=exams, worker_password=password
        )  # fmt: skip
    finally:
        opened.close()
    for line in told:
        click.echo(line)
    click.echo("The portal's database is ready.")
