"""Whether the packages that this grader runs with are those of its lock.

The lock of each group (`grader/requirements/GROUP.txt`, made by `make lock`) is part of the
package, so that a grader from a wheel has it, too. It is compared with what is installed, never
with a note of what once was: who upgrades a package by hand has no locked grader any more.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "requirements"
LINE = re.compile(r"([\w.-]+)==([^\s;]+)( ;)?")
"""A locked version, and whether it counts on some systems only."""
SUFFIX = ".dist-info"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """The exact versions of one group."""

    digest: str
    """`sha256:` and the hexadecimal digest of its file."""
    versions: Mapping[str, frozenset[str]]
    """Normalised names to versions: more than one where it depends on Python's own."""
    elsewhere: frozenset[str]
    """Names that some systems do without."""


def read_lock(group: str, folder: Path = FOLDER) -> Lock:
    """Read the lock of `group` (`run`, `fuzz` or `dev`). Raises `OSError` where there is none."""
    raw = (folder / f"{group}.txt").read_bytes()
    versions: dict[str, set[str]] = {}
    unconditional = set()
    for line in raw.decode().split("\n"):
        if line[:1].isalnum() and (found := LINE.match(line)):
            name = _normal(found[1])
            versions.setdefault(name, set()).add(found[2])
            if not found[3]:
                unconditional.add(name)
    return Lock(
        digest=f"sha256:{hashlib.sha256(raw).hexdigest()}",
        versions={name: frozenset(those) for name, those in versions.items()},
        elsewhere=frozenset(versions.keys() - unconditional),
    )


def installed(path: Iterable[str]) -> dict[str, str]:
    """Normalised names to versions of what is installed in the folders of `path`.

    They are read from the names of the `.dist-info` folders (PyPA: Recording installed projects),
    in a millisecond for all of them: `importlib.metadata` would parse a file for each.
    """
    found: dict[str, str] = {}
    for folder in path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - three times as fast as a Path's
        except OSError:  # the library's zip file, a folder that is not there
            continue
        for name in names:
            if not name.endswith(SUFFIX):
                continue
            distribution, _, version = name.removesuffix(SUFFIX).partition("-")
            found.setdefault(_normal(distribution), version)
    return found


def deviations(lock: Lock, present: Mapping[str, str]) -> tuple[str, ...]:
    """Name what is `present` in another version than `lock` has, or not at all."""
    found = []
    for name, wanted in sorted(lock.versions.items()):
        version = present.get(name)
        if version is None:
            if name not in lock.elsewhere:
                found.append(f"{name} is not installed")
        elif version not in wanted and not _equal(version, wanted):
            found.append(f"{name} {version} instead of {' or '.join(sorted(wanted))}")
    return tuple(found)


@cache
def lock_digest(group: str) -> str | None:
    """Return the digest of the lock of `group`, if each of its packages is installed as it says.

    None where one is not, or where there is no lock. It is found out once for each process.
    """
    try:
        lock = read_lock(group)
    except OSError:
        return None
    return None if deviations(lock, installed(sys.path)) else lock.digest


def _normal(name: str) -> str:
    """Return a package's name as PEP 503 normalises it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _equal(version: str, wanted: frozenset[str]) -> bool:
    """Return whether a folder's name spells one of the `wanted` versions in another way."""
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version.replace("_", "-")) in {Version(one) for one in wanted}
    except InvalidVersion:
        return False
