"""What a Compose file asks for and the repository does not give, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import PurePosixPath

from grader.inspect.compose.project import Lack, Reading
from grader.model import SourceLocation

MAX_NAMED = 12
"""Variables that a sentence names; whoever reads it looks at the file then."""


def missing_sentence(reading: Reading) -> str:
    """Say what is missing, where it is asked for and what to do; empty where nothing is.

    It comes first whatever fails afterwards: values that the grader made up, or that are empty for
    want of a `.env`, are no fault of what breaks on them.
    """
    if not reading.lacks:
        return ""
    files = [one for one in reading.lacks if one.file]
    variables = [one for one in reading.lacks if not one.file]
    parts = []
    if files:
        paths = _list([f"{one.name} ({_where(reading, [one])})" for one in files])
        parts.append(f"Your Compose file takes values from {paths}, which your repository lacks.")
    if variables:
        names = _list([one.name for one in variables])
        start = "It also asks" if files else "Your Compose file asks"
        parts.append(
            f"{start} for {names} ({_where(reading, variables)}), and {_source(reading)}"
            f" for {'it' if len(variables) == 1 else 'them'}."
        )
        parts.append(_given(variables))
    return " ".join([*filter(None, parts), _advice(reading, files, variables)])


def missing_locations(reading: Reading) -> tuple[SourceLocation, ...]:
    """Return the line of the Compose file that asks for each thing that is missing."""
    return tuple(
        SourceLocation(
            path=reading.path,
            line=one.line,
            message=f"{one.name} is asked for here, and your repository does not give it.",
        )
        for one in reading.lacks
    )


def _where(reading: Reading, lacks: Iterable[Lack]) -> str:
    lines = sorted({one.line for one in lacks})
    spans = []
    for _, group in groupby(enumerate(lines), lambda pair: pair[1] - pair[0]):
        span = [line for _, line in group]
        spans.append(str(span[0]) if len(span) == 1 else f"{span[0]} to {span[-1]}")
    word = "line" if len(lines) == 1 else "lines"
    return f"{reading.path}, {word} {', '.join(spans)}"


def _source(reading: Reading) -> str:
    if not reading.examples:
        return "your repository has neither a .env nor a .env.example with values"
    have = "has no line" if len(reading.examples) == 1 else "have no line"
    return f"{' and '.join(reading.examples)} {have}"


def _given(variables: list[Lack]) -> str:
    """Return what the containers got in their place."""
    made = [one.name for one in variables if one.value]
    empty = [one.name for one in variables if not one.value]
    if not made:
        return (
            f"With Docker Compose {'it is' if len(empty) == 1 else 'they are'} empty, and so here."
        )
    said = f"The grader made up {_list(made)}"
    return f"{said}; {_list(empty)} stayed empty, as with Docker Compose." if empty else f"{said}."


def _advice(reading: Reading, files: list[Lack], variables: list[Lack]) -> str:
    wanted: dict[str, None] = {}
    if variables:
        folder = str(PurePosixPath(reading.path).parent)
        example = next((path for path in reading.examples if not path.endswith(".env")), "")
        wanted[example or str(PurePosixPath(folder, ".env.example"))] = None
    wanted |= {f"{one.name}.example": None for one in files}
    if not files:
        return f"Name {'it' if len(variables) == 1 else 'each of them'} in {_list(list(wanted))}."
    return f"Add {_list(list(wanted))} with a line for each value."


def _list(names: list[str]) -> str:
    shown = names[:MAX_NAMED]
    if len(names) > MAX_NAMED:
        shown.append(f"{len(names) - MAX_NAMED} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
