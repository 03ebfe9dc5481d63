"""Which commit is checked out, read from the files of `.git` without running git there."""

from __future__ import annotations

import re
from pathlib import Path

COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def commit_of(folder: Path) -> str | None:
    """Return the commit checked out in `folder`; None where it is no plain git checkout."""
    git = folder / ".git"
    if git.is_symlink() or not git.is_dir():
        return None
    head = _line(git / "HEAD")
    if not head.startswith("ref: refs/"):
        return head if COMMIT.fullmatch(head) else None
    name = head.removeprefix("ref: ")
    if ".." in name:
        return None
    found = _line(git / name) or _packed(git, name)
    return found if COMMIT.fullmatch(found) else None


def _line(path: Path) -> str:
    """Return the first line of a small regular file; empty where it is anything else."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > 4096:
            return ""
        return path.read_text("ascii", "replace").partition("\n")[0].strip()
    except OSError:
        return ""


def _packed(git: Path, name: str) -> str:
    path = git / "packed-refs"
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 16 * 1024 * 1024:
        return ""
    for line in path.read_text("ascii", "replace").splitlines():
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return ""
