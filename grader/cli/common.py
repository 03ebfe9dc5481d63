"""What several commands share."""

from __future__ import annotations

import os
from typing import Any

import click
from rich.console import Console

from grader.settings import Settings


def settings() -> Settings:
    """The settings of this process's environment."""
    return Settings.from_env(os.environ)


def console(*, stderr: bool = False) -> Console:
    """A console that honours NO_COLOR and knows whether it is a terminal."""
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def complete_slug(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of challenges for the shell's completion."""
    del ctx, param
    from grader.spec.library import slugs

    return [slug for slug in slugs(settings().challenges) if slug.startswith(incomplete)]


def slug_argument(function: Any) -> Any:
    """The SLUG argument of a command, with completion."""
    return click.argument("slug", shell_complete=complete_slug)(function)
