"""A copy of a solution that somebody has edited: what of it counts, and whose copy it is."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from grader.errors import SourceError, UsageError
from grader.verify.solutions import Accepted, RejectedSolution

LEFTOVERS = frozenset({
    ".git", "__pycache__", ".venv", "venv", "node_modules", ".pytest_cache", ".mypy_cache",
    ".ruff_cache", ".idea", ".vscode", ".DS_Store",
})  # fmt: skip
"""What tools leave in a copy; it is no part of a solution."""
RELATED = 0.5
"""The share of a solution's files that a copy of it has at least."""


def leftovers(folder: str, names: list[str]) -> set[str]:
    """Return what `shutil.copytree` is to pass over."""
    del folder
    return {name for name in names if name in LEFTOVERS or name.endswith(".pyc")}


def copy_edited(edited: Path, target: Path) -> None:
    """Copy `edited` into the new folder `target`. Raises `SourceError` where that cannot be."""
    if not edited.is_dir():
        msg = f"{edited} is no folder; name an edited copy of a solution."
        raise SourceError(msg)
    try:
        shutil.copytree(edited, target, symlinks=True, ignore=leftovers)
    except (OSError, shutil.Error) as error:
        msg = f"{edited} cannot be copied: {error}"
        raise SourceError(msg) from error


def files_of(root: Path) -> dict[str, Path]:
    """Return the files and links below `root`, by their path in it."""
    return {
        path.relative_to(root).as_posix(): path
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or not path.is_dir()
    }


def same(one: Path, other: Path) -> bool:
    """Return whether two files, or links, hold the same and may be executed alike."""
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    executable = [bool(path.stat().st_mode & 0o100) for path in (one, other)]
    return executable[0] == executable[1] and filecmp.cmp(one, other, shallow=False)


def require_related(
    solution: RejectedSolution, accepted: Sequence[Accepted], edited: Path, copy: Path
) -> None:
    """Raise `UsageError` where `copy` is none of the solution's base, or nearer to another one.

    `accepted` are all solutions that it may be a copy of, `edited` is what messages call it.
    """
    found = files_of(copy)
    base, shares = solution.base.name, {}
    for one in accepted:
        files = files_of(one.root)
        here = {path for path in files if path in found}
        equal = sum(same(files[path], found[path]) for path in here)
        shares[one.name] = equal, len(here) / max(1, len(files))
    best = max(shares, key=lambda name: shares[name])
    if shares[best][0] > shares[base][0] and shares[best][1] >= RELATED:
        msg = (
            f"{edited} is nearer to {best} than to {base}, which {solution.name}.yml names; write "
            f"`based_on: {best}` there, or edit a copy of {base}."
        )
        raise UsageError(msg)
    if shares[base][1] < RELATED or not shares[base][0]:
        msg = (
            f"{edited} is no copy of {base}, which {solution.name}.yml names. Write one out with "
            f"`grader solution SLUG {base} DIR`, make the mistake in it, and name it."
        )
        raise UsageError(msg)


def require_files(solution: RejectedSolution, base: Path, copy: Path) -> None:
    """Raise `UsageError` unless the copy lacks what `removes` names, and nothing else."""
    gone = [path for path in files_of(base) if not os.path.lexists(copy / path)]
    if gone:
        names = ", ".join((*solution.removes, *gone))
        msg = (
            f"The copy lacks {', '.join(gone)}. Where that is the mistake, write "
            f"`removes: [{names}]` into {solution.name}.yml; else put it back."
        )
        raise UsageError(msg)
    kept = [path for path in solution.removes if os.path.lexists(copy / path)]
    if kept:
        msg = (
            f"The copy has {', '.join(kept)}, which {solution.name}.yml removes; take it out of "
            f"`removes`, or out of the copy."
        )
        raise UsageError(msg)
