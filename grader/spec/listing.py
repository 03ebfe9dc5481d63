"""What a list says of each challenge, kept from one list to the next.

To read and check the challenges takes longer than all the rest of `grader list`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from grader.errors import SpecError
from grader.spec.places import places
from grader.spec.schema import schema_text


class ListingRow(NamedTuple):
    """One challenge in a list."""

    slug: str
    title: str
    level: str
    seconds: float
    """How long the exam lasts; 0 where it does not say."""
    points: int
    topics: tuple[str, ...]
    """What it examines, in words to search by."""


class Listing(NamedTuple):
    """The challenges of some folders."""

    rows: list[ListingRow]
    """Those that can be read, by name."""
    broken: list[SpecError]
    """What is wrong with each of the others."""


def listing(folders: Sequence[Path], kept: Path) -> Listing:
    """List every challenge of `folders`; a broken one keeps no other from being listed.

    `kept` is the file that holds the rows of the last list, each under the digest of its
    challenge.yml; one that is lost or spoilt costs time only.

    Raises `UsageError` where a folder does not exist.
    """
    before = _read(kept)
    rows: dict[str, ListingRow] = {}
    broken = []
    for slug, homes in sorted(places(folders).items()):
        try:
            key = _key(homes[0] / slug)
            rows[key] = before.get(key) or _row(homes[0] / slug)
        except SpecError as error:
            broken.append(error)
        except OSError as error:
            said = f"challenge.yml: it cannot be read: {error.strerror}; correct that."
            broken.append(SpecError(str(homes[0] / slug), [said]))
    if rows != before:
        _write(kept, rows)
    return Listing(list(rows.values()), broken)


def _key(folder: Path) -> str:
    """Of what the row depends on: the file, the schema, the folder's name, and what is in it."""
    names = "\n".join(sorted(path.name for path in folder.iterdir()))
    named = f"{folder.name}\n{names}\n".encode()
    spec = (folder / "challenge.yml").read_bytes()
    return hashlib.sha256(named + schema_text().encode() + spec).hexdigest()


def _row(folder: Path) -> ListingRow:
    from grader.spec.loader import load

    one = load(folder, digested=False)
    return ListingRow(one.slug, one.title, one.level, one.duration, one.points, one.topics)


def _read(kept: Path) -> dict[str, ListingRow]:
    with suppress(OSError, ValueError, TypeError, AttributeError):
        return {
            key: ListingRow(slug, title, level, seconds, points, tuple(topics))
            for key, (slug, title, level, seconds, points, topics) in json.loads(
                kept.read_bytes()
            ).items()
        }
    return {}


def _write(kept: Path, rows: dict[str, ListingRow]) -> None:
    """Alongside, and then in its place: another list may read it in the meantime."""
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        written = kept.with_suffix(".new")
        written.write_text(json.dumps(rows), "utf-8")
        written.replace(kept)
