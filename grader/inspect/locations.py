"""Where in a submission the sentences about its files point."""

from __future__ import annotations

from collections.abc import Iterable

from grader.model import SourceLocation
from grader.text import LocatedSentence


def locations_of(sentences: Iterable[str]) -> tuple[SourceLocation, ...]:
    """Return the location of each of `sentences` that has one, in their order."""
    return tuple(
        SourceLocation(path=one.path, line=one.line, message=one.says)
        for one in sentences
        if isinstance(one, LocatedSentence)
    )
