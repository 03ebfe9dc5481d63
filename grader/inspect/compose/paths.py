"""Paths that a Compose file names: kept within the repository, links and all."""

from __future__ import annotations

import os
import posixpath
import re
import stat
from pathlib import Path

WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
"""How an absolute path of Windows begins."""

MAX_LENGTH = 4096


class Outside(ValueError):
    """A path leads out of the repository. The message is a clause that says how."""


def inside(root: Path, folder: str, path: str) -> str:
    """`path`, as written in a file of `folder`, from the top of the repository in `root`.

    With slashes and without links; `.` is the top. Whether anything is there is not looked at.
    Raises `Outside` where it is absolute, climbs out or goes through a link that leads out.
    """
    if path.startswith("~"):
        msg = "is in somebody's home folder"
        raise Outside(msg)
    if path.startswith("/") or WINDOWS.match(path):
        msg = "is an absolute path of the machine"
        raise Outside(msg)
    if len(path) > MAX_LENGTH:
        msg = "is longer than any path"
        raise Outside(msg)
    lexical = posixpath.normpath(posixpath.join(folder or ".", path.replace("\\", "/") or "."))
    if lexical == ".." or lexical.startswith("../"):
        msg = "climbs out of the repository"
        raise Outside(msg)
    try:
        real, top = os.path.realpath(root / lexical), os.path.realpath(root)
    except (OSError, ValueError):  # a name with a NUL
        msg = "is no path"
        raise Outside(msg) from None
    if real != top and not real.startswith(top.rstrip("/") + "/"):
        msg = "goes through a link that leads out of the repository"
        raise Outside(msg)
    return posixpath.relpath(real, top)


def is_folder(root: Path, path: str) -> bool:
    """Return whether `path` under `root` is a folder, not a link to one."""
    try:
        return stat.S_ISDIR(os.lstat(root / path).st_mode)
    except (OSError, ValueError):
        return False


def exists(root: Path, path: str) -> bool:
    """Return whether there is anything at `path` under `root`."""
    try:
        return bool(os.lstat(root / path))
    except (OSError, ValueError):
        return False
