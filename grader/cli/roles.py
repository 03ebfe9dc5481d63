"""`--role ROLE=SERVICE`: which service of a Compose file plays a role of the exam."""

from __future__ import annotations

import click

from grader.errors import UsageError
from grader.model import Challenge
from grader.text import nearest

role_option = click.option(
    "--role",
    "roles",
    metavar="ROLE=SERVICE",
    multiple=True,
    help="Take this service of the Compose file for that role of the exam; may be repeated.",
)


def read_roles(written: tuple[str, ...], challenge: Challenge) -> tuple[tuple[str, str], ...]:
    """Return the pairs that are `written`. Raises `UsageError` for what `challenge` lacks."""
    known = [one.name for one in challenge.roles]
    found: dict[str, str] = {}
    for one in written:
        role, _, service = one.partition("=")
        if not role or not service:
            msg = f"--role {one} names no service: write it as --role worker=jobs."
            raise UsageError(msg)
        if not known:
            msg = f"The exam {challenge.slug} names no roles: leave out --role."
            raise UsageError(msg)
        if role not in known:
            msg = f"{role!r} is no role of the exam ({', '.join(known)}).{nearest(role, known)}"
            raise UsageError(msg)
        if role in found:
            msg = f"--role names {role} twice; name it once."
            raise UsageError(msg)
        found[role] = service
    return tuple(found.items())
