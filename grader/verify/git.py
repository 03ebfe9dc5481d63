"""Git as the solutions need it: for patches and histories, and the same on every machine."""

from __future__ import annotations

import os
from pathlib import Path

from grader import process

SECONDS = 30
WHEN = "2026-01-15T09:30:00+00:00"
"""Of every commit, so that a solution is the same wherever it is put together."""


def git(
    folder: Path, *arguments: str, check: bool = True, more: dict[str, str] | None = None
) -> process.Completed:
    """Run git in `folder` and give how it ended; nobody's configuration is read.

    Repositories above `folder` are not looked for. `more` adds to its environment. With `check`,
    a bad end raises `ProcessFailed`; raises `PlatformError` where there is no git.
    """
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A student"), ("EMAIL", "student@localhost"), ("DATE", WHEN))
    }
    environment = {
        "PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder.parent), "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.resolve().parent), **who, **(more or {}),
    }  # fmt: skip
    command = ["git", "-C", str(folder), *arguments]
    return process.run(command, deadline=SECONDS, env=environment, check=check)
