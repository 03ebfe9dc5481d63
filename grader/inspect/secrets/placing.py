"""Where in a text a hit stands, as a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from operator import itemgetter

from grader.inspect.secrets.finding import Hit


def placed(text: str, found: Iterable[tuple[int, Hit]]) -> list[Hit]:
    """Return hits with the line of the place where each stands; `text` is gone through once."""
    hits = []
    line, counted = 1, 0
    for at, hit in sorted(found, key=itemgetter(0)):
        line += text.count("\n", counted, at)
        counted = at
        hits.append(replace(hit, line=line))
    return hits
