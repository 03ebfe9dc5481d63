"""`grader worker-role`: a role of the portal's database that is enough for workers."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click

from grader.cli.common import require_portal
from grader.errors import UsageError
from grader.portal.data.address import DATABASE, database_address


@click.command(name="worker-role")
@click.option(
    "--database", metavar="URL", default="",
    help=f"The portal's database, as a role that may make roles; or {DATABASE}.",
)  # fmt: skip
@click.option("--name", default="portal_worker", show_default=True, help="Of the role.")
@click.option(
    "--password-file", type=click.Path(path_type=Path), metavar="FILE", required=True,
    help="The role's password; a new one is drawn where there is no such file.",
)  # fmt: skip
def worker_role(*, database: str, name: str, password_file: Path) -> None:
    """Make a role of the portal's database for workers.

    It may take jobs and write results; it can read no password, session or token, and change no
    account, course or grade by hand. Run it once, and again after each upgrade.

    Exit codes: 0 it is there, 2 wrong usage, 3 the database is not there.
    """
    url = database_address(os.environ, database)
    require_portal()

    from grader.portal.data.database import PortalDatabase
    from grader.portal.data.worker_role import make_worker_role

    opened = PortalDatabase(url, connections=1)
    try:
        make_worker_role(opened, name, role_password(password_file))
    finally:
        opened.close()
    click.echo(
        f"Workers sign in to the database as {name}, with the password in {password_file}: set "
        f"their {DATABASE} to postgresql://{name}:PASSWORD@HOST/NAME."
    )


def role_password(file: Path) -> str:
    """Return the password in `file`, or a new one that is kept there. Raises `UsageError`."""
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(secrets.token_urlsafe(32))
    found = file.read_text("utf-8").strip()
    if not found:
        msg = f"{file} is empty: write a password into it, or remove it."
        raise UsageError(msg)
    return found
