"""The challenges of some folders, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.errors import SpecError, UnknownChallenge
from grader.model import Challenge
from grader.spec.loader import load
from grader.spec.places import places
from grader.text import nearest


def find(slug: str, folders: Sequence[Path]) -> Challenge:
    """Return the challenge `slug` of the first of `folders` that has it.

    Raises `UnknownChallenge` naming the nearest one, `SpecError` where its spec is broken.
    """
    homes = places(folders)
    if slug not in homes:
        known = sorted(homes)
        listing = ", ".join(known) or "none"
        msg = f"There is no challenge {slug!r}.{nearest(slug, known)} Known: {listing}."
        raise UnknownChallenge(msg)
    return load(homes[slug][0] / slug)


def load_all(folders: Sequence[Path]) -> tuple[dict[str, Challenge], dict[str, SpecError]]:
    """Return the challenges of `folders` by name, and why those that are broken cannot be loaded.

    They are without their digests: a list has no use for these.
    """
    loaded: dict[str, Challenge] = {}
    broken: dict[str, SpecError] = {}
    for slug, homes in sorted(places(folders).items()):
        try:
            loaded[slug] = load(homes[0] / slug, digested=False)
        except SpecError as error:
            broken[slug] = error
    return loaded, broken
