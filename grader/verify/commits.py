"""A solution with a history: what an earlier commit held that the handed-in files do not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from grader import process

SECONDS = 30
WHEN = "2026-01-15T09:30:00+00:00"
"""Of every commit, so that a solution is the same wherever it is put together."""


def commit_history(root: Path, earlier: Path) -> None:
    """Make `root` a git repository of two commits: with the files of `earlier` over it, and as is.

    Raises `ProcessFailed` where git refuses, `PlatformError` where there is none.
    """
    asis = root.parent / f".{root.name}-as-is"
    shutil.copytree(root, asis, symlinks=True)
    shutil.copytree(earlier, root, symlinks=True, dirs_exist_ok=True)
    _git(root, "init", "--quiet", "--initial-branch=main", "--template=")
    _commit(root, "Add the app")
    for path in root.iterdir():
        if path.name == ".git":
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.copytree(asis, root, symlinks=True, dirs_exist_ok=True)
    shutil.rmtree(asis)
    _commit(root, "Take out what does not belong here")


def _commit(root: Path, message: str) -> None:
    _git(root, "add", "--all", "--force")
    _git(root, "commit", "--quiet", f"--message={message}")


def _git(root: Path, *arguments: str) -> None:
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A student"), ("EMAIL", "student@localhost"), ("DATE", WHEN))
    }
    environment = {
        "PATH": os.environ.get("PATH", os.defpath), "HOME": str(root.parent),
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, **who,
    }  # fmt: skip
    process.run(["git", "-C", str(root), *arguments], deadline=SECONDS, env=environment)
