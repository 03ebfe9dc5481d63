"""Digests of what a proof depends on: the grader, a challenge, a solution."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import grader
from grader.installation import installed
from grader.model import Challenge
from grader.verify.solutions import Accepted, RejectedSolution

PACKAGE = Path(grader.__file__).parent
BYTECODE = frozenset({"__pycache__"})
"""What Python writes alongside the files that it runs."""


def digest_of(value: object) -> str:
    """Return the hexadecimal SHA-256 of `value`, which is made of what JSON has."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def tree_digest(root: Path, *, without: frozenset[str] = frozenset()) -> str:
    """Return the SHA-256 over all that is below the folder `root`.

    Counts names, contents, who may execute, empty folders, and links with what they lead to, here
    or elsewhere; leaves out what has a name of `without`. Raises `OSError` where something cannot
    be read.
    """
    return digest_of(list(_entries(root, "", without, (root.resolve(),))))


def _entries(
    folder: Path, inner: str, without: frozenset[str], way: tuple[Path, ...]
) -> Iterator[tuple[str, ...]]:
    """Give a row for each thing in `folder`; `way` has the folders that a link may not lead to."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda one: one.name)
    for entry in entries:
        if entry.name in without:
            continue
        name, path = f"{inner}{entry.name}", Path(entry.path)
        if entry.is_symlink():
            yield name, "link", os.fsdecode(path.readlink())
        if entry.is_dir():
            yield name, "folder"
            real = path.resolve() if entry.is_symlink() else way[-1] / entry.name
            if real not in way:
                yield from _entries(path, f"{name}/", without, (*way, real))
        elif entry.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            yield name, "file", str(entry.stat().st_mode & 0o111), content
        elif not entry.is_symlink():
            yield name, "other"


def grader_digest() -> str:
    """Return the digest of this grader's own files, its Python, and every package of that.

    Raises `OSError` where a file cannot be read.
    """
    packages = sorted(installed(sys.path).items())
    return digest_of([tree_digest(PACKAGE, without=BYTECODE), sys.version, packages])


def challenge_digest(challenge: Challenge) -> str:
    """Return the digest of the folder of `challenge` as it is now, starter and brief among it.

    What it was when `challenge` was loaded counts, too. Raises `OSError` where a file cannot be
    read.
    """
    now = tree_digest(challenge.root, without=BYTECODE)
    return digest_of([challenge.slug, challenge.digest, now])


def accepted_digest(solution: Accepted) -> str:
    """Return the digest of all files of `solution`; raises `OSError` for one that is unreadable."""
    return tree_digest(solution.root)


def rejected_digest(solution: RejectedSolution) -> str:
    """Return the digest of what `solution` is put together from and of what it must lose.

    Raises `OSError` where a file cannot be read.
    """
    patches = [
        hashlib.sha256(path.read_bytes()).hexdigest() if path else None
        for path in (solution.patch, solution.earlier)
    ]
    base = accepted_digest(solution.base)
    return digest_of([base, patches, list(solution.removes), sorted(solution.loses)])
