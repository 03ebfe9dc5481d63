"""A `.env` file, read as Compose reads it; nothing of the grader's own environment goes in."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

from grader.inspect.compose.interpolate import Malformed, fill

MAX_CHARACTERS = 256 * 1024
MAX_ENTRIES = 1000
MAX_FILLED = 4 * 1024 * 1024
"""Characters that all values together may grow to; what goes beyond stays as it is written."""
BLANKS = re.compile(r"[^\S\r\n]{100,}")


def read_dotenv(
    text: str, *, given: Mapping[str, str] | None = None, known: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The variables of a `.env` file, in its order; a name without `=` has none.

    Values that are not in single quotes are filled in from the entries above them, then from
    `known`. An entry that `given` names has the value given there. Lines that make no sense are
    left out, and so are those after `MAX_ENTRIES`.
    """
    from dotenv.parser import parse_stream

    given, known = given or {}, dict(known or {})
    text = BLANKS.sub(" " * 100, text[:MAX_CHARACTERS])  # the library takes long on longer ones
    values: dict[str, str] = {}
    grown = 0
    for entry in parse_stream(io.StringIO(text)):
        if entry.key is None or entry.value is None:
            continue
        if len(values) >= MAX_ENTRIES:
            break
        value = given.get(entry.key, entry.value)
        if entry.key not in given and not _is_literal(entry.original.string):
            value = _filled(value, known) if grown < MAX_FILLED else value
        grown += len(value)
        values[entry.key] = known[entry.key] = value
    return values


def _is_literal(entry: str) -> bool:
    """Whether the value is in single quotes."""
    return entry.partition("=")[2].lstrip(" \t").startswith("'")


def _filled(text: str, values: Mapping[str, str]) -> str:
    try:
        return fill(text, values)
    except Malformed:
        return text
