"""The challenges of some folders, by name; of two of one name, the first folder's counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.errors import UnknownChallenge, UsageError
from grader.model import Challenge
from grader.spec.loader import load
from grader.text import nearest


def slugs(folders: Sequence[Path]) -> list[str]:
    """The names of the challenges in `folders`, sorted.

    Raises `UsageError` where a folder does not exist.
    """
    return sorted(_places(folders))


def find(slug: str, folders: Sequence[Path]) -> Challenge:
    """The challenge `slug` of the first of `folders` that has it.

    Raises `UnknownChallenge` naming the nearest one, `SpecError` where its spec is broken.
    """
    places = _places(folders)
    if slug not in places:
        known = sorted(places)
        listing = ", ".join(known) or "none"
        msg = f"There is no challenge {slug!r}.{nearest(slug, known)} Known: {listing}."
        raise UnknownChallenge(msg)
    return load(places[slug][0] / slug)


def load_all(folders: Sequence[Path]) -> list[Challenge]:
    """Every challenge of `folders`, by name, without its digest: a list has no use for it.

    Raises `SpecError` at the first broken one.
    """
    return [
        load(places[0] / slug, digested=False) for slug, places in sorted(_places(folders).items())
    ]


def shadowed(folders: Sequence[Path]) -> dict[str, str]:
    """Each challenge that is in several of `folders`, with a sentence that says which counts."""
    return {
        slug: f"{slug} is in {' and in '.join(map(str, places))}; the one in {places[0]} is taken."
        for slug, places in _places(folders).items()
        if len(places) > 1
    }


def _places(folders: Sequence[Path]) -> dict[str, list[Path]]:
    """Each challenge to the folders that hold it, in their order."""
    places: dict[str, list[Path]] = {}
    for folder in dict.fromkeys(folders):
        if not folder.is_dir():
            msg = (
                f"There is no folder of challenges at {folder}; name one with --challenges or "
                "GRADER_CHALLENGES."
            )
            raise UsageError(msg)
        for path in folder.glob("*/challenge.yml"):
            places.setdefault(path.parent.name, []).append(folder)
    return places
