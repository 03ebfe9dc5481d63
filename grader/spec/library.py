"""The challenges of a folder, by name."""

from __future__ import annotations

from pathlib import Path

from grader.errors import UnknownChallenge, UsageError
from grader.model import Challenge
from grader.spec.loader import load
from grader.text import nearest


def slugs(folder: Path) -> list[str]:
    """The names of the challenges in `folder`, sorted.

    Raises `UsageError` where the folder does not exist.
    """
    if not folder.is_dir():
        msg = f"There is no folder of challenges at {folder}; set GRADER_CHALLENGES to one."
        raise UsageError(msg)
    return sorted(path.parent.name for path in folder.glob("*/challenge.yml"))


def find(slug: str, folder: Path) -> Challenge:
    """The challenge `slug` of `folder`.

    Raises `UnknownChallenge` naming the nearest one, `SpecError` where its spec is broken.
    """
    known = slugs(folder)
    if slug not in known:
        listing = ", ".join(known) or "none"
        msg = f"There is no challenge {slug!r}.{nearest(slug, known)} Known: {listing}."
        raise UnknownChallenge(msg)
    return load(folder / slug)


def load_all(folder: Path) -> list[Challenge]:
    """Every challenge of `folder`, by name. Raises `SpecError` at the first broken one."""
    return [load(folder / slug) for slug in slugs(folder)]
