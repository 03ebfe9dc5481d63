"""Where challenges are; of two of one name, the first folder's counts. Nothing of them is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.errors import UsageError


def slugs(folders: Sequence[Path]) -> list[str]:
    """Return the names of the challenges in `folders`, sorted.

    Raises `UsageError` where a folder does not exist.
    """
    return sorted(places(folders))


def shadowed(folders: Sequence[Path]) -> dict[str, str]:
    """Each challenge that is in several of `folders`, with a sentence that says which counts."""
    return {
        slug: f"{slug} is in {' and in '.join(map(str, homes))}; the one in {homes[0]} is taken."
        for slug, homes in places(folders).items()
        if len(homes) > 1
    }


def places(folders: Sequence[Path]) -> dict[str, list[Path]]:
    """Each challenge to the folders that hold it, in their order."""
    found: dict[str, list[Path]] = {}
    for folder in dict.fromkeys(folders):
        if not folder.is_dir():
            msg = (
                f"There is no folder of challenges at {folder}; name one with --challenges or "
                "GRADER_CHALLENGES."
            )
            raise UsageError(msg)
        for path in folder.glob("*/challenge.yml"):
            found.setdefault(path.parent.name, []).append(folder)
    return found
