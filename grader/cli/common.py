"""What several commands share."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.errors import UsageError
from grader.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from grader.model import Challenge


def settings(sources: tuple[str, ...] = ()) -> Settings:
    """Return the settings of this process's environment, with the challenges of `sources` first.

    `sources` are folders and addresses of git repositories. What is cloned is removed when the
    command ends.
    """
    machine = Settings.from_env(os.environ)
    if not sources:
        return machine
    folders = [_folder(source, machine) for source in sources]
    return replace(machine, challenges=(*folders, *machine.challenges))


def _folder(source: str, machine: Settings) -> Path:
    from grader.submission.clone import clone, is_address

    if not is_address(source):
        return Path(source)
    scratch = click.get_current_context().with_resource(
        tempfile.TemporaryDirectory(prefix="grader-challenges-")
    )
    top = clone(source, Path(scratch, "repository"), allow_file=machine.git_file)
    for folder in (top / "challenges", top):
        if any(folder.glob("*/challenge.yml")):
            return folder
    msg = f"{source} holds no challenges: it has no */challenge.yml, at its top or in challenges/."
    raise UsageError(msg)


def find_challenge(slug: str, machine: Settings) -> Challenge:
    """Return the challenge `slug`; where several folders hold it, the choice is said."""
    from grader.spec.library import find
    from grader.spec.places import shadowed

    said = shadowed(machine.challenges).get(slug)
    if said:
        click.echo(f"Note: {said}", err=True)
    return find(slug, machine.challenges)


def require_portal() -> None:
    """Raise `UsageError` where the packages of the portal are not installed."""
    from importlib.util import find_spec

    names = (
        "alembic", "argon2", "authlib", "flask_limiter", "flask_wtf", "gunicorn", "procrastinate",
    )  # fmt: skip
    if lacking := [name for name in names if find_spec(name) is None]:
        msg = (
            f"The portal needs packages that are not installed ({', '.join(lacking)}). Install the "
            "grader with them: pip install 'practical-exam-grader[portal]'."
        )
        raise UsageError(msg)


def console(*, stderr: bool = False) -> Console:
    """Return a console that honours NO_COLOR and knows whether it is a terminal."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def complete_slug(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of challenges for the shell's completion."""
    del ctx, param
    from grader.spec.places import slugs

    return [slug for slug in slugs(settings().challenges) if slug.startswith(incomplete)]


def slug_argument(function: Any) -> Any:
    """Return the SLUG argument of a command, with completion."""
    return click.argument("slug", shell_complete=complete_slug)(function)


def view_options(function: Any) -> Any:
    """Return the options for whose eyes a report is, as the arguments `view` and `deadline`."""
    return click.option(
        "--view",
        type=click.Choice(["student", "instructor"]),
        default="student",
        show_default=True,
        help="Whether reasons of hidden criteria are left out, or shown.",
    )(deadline_option(function))


def deadline_option(function: Any) -> Any:
    """Return the option for when criteria that are hidden until then are shown, as `deadline`."""
    return click.option(
        "--deadline",
        metavar="WHEN",
        help="When students see the reasons of criteria that are hidden until the deadline, like "
        "2030-06-30T18:00; overrides the exam's own.",
    )(function)


def seen(challenge: Challenge, view: str, deadline: str | None) -> Challenge:
    """`challenge` as `view` may see it now, with the `deadline` that the command line names.

    Raises `UsageError` where that is no moment.
    """
    from datetime import UTC, datetime

    from grader.report.view import View, for_view

    if deadline is not None:
        challenge = replace(challenge, deadline=_moment(deadline))
    return for_view(challenge, View(view), datetime.now(UTC))


def _moment(text: str) -> datetime:
    from grader.spec.loader import moment

    try:
        return moment(text)
    except ValueError:
        msg = (
            f"--deadline {text} is no moment; write one like 2030-06-30T18:00, in the zone of this "
            "machine, or with another one: 2030-06-30T18:00+02:00."
        )
        raise UsageError(msg) from None


def challenges_option(function: Any) -> Any:
    """Return the option that adds folders of challenges, as the argument `sources`."""
    return click.option(
        "--challenges",
        "sources",
        multiple=True,
        metavar="DIR",
        help="Look into this folder of challenges, or git URL, first; may be repeated.",
    )(function)
