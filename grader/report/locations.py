"""Lines of the submission that a report points at, for readers that show them where they stand.

A result carries its own. Why a submission was rejected is a text of the grader's alone, whose
sentences begin with their places (`compose.yml:4: …`, `Dockerfile, line 2: …`).
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from grader.model import SourceLocation

SENTENCE = re.compile(
    r"^(?:  - )?(?P<path>[^\s:,][^:,\n]{0,299})(?::|, line )(?P<line>[1-9]\d{0,6}): "
    r"(?P<says>\S.*)$",
    re.MULTILINE,
)
MAX_LOCATIONS = 50
"""Locations of one result; nobody reads more."""


def of_sentences(text: str) -> tuple[SourceLocation, ...]:
    """Return the places that the lines of `text`, sentences of the grader's own, begin with."""
    found = SENTENCE.finditer(text)
    places = [
        SourceLocation(path=one["path"], line=int(one["line"]), message=one["says"])
        for one in found
    ]
    return tuple(places[:MAX_LOCATIONS])


def without_places(text: str) -> str:
    """Return the lines of `text` that name no place."""
    return "\n".join(line for line in text.splitlines() if not SENTENCE.match(line))


def below(folder: str, path: str) -> str:
    """`path` of the submission as a path of the repository that holds it in `folder`."""
    return str(PurePosixPath(folder, path)) if folder else path
