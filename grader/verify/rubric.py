"""The table of criteria in a brief against challenge.yml: titles, points and sums."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from grader.model import Criterion
from grader.text import clip

NAMED = re.compile(r"`([a-z0-9_.]+)`(?:\s*\*\*required\*\*)?")
"""The cell of a row about one criterion: its id, marked as required or not."""
HIDDEN = re.compile(r"(\d+) more\b")
"""How many criteria a row about hidden ones stands for."""
RULE = re.compile(r":?-+:?")


@dataclass(frozen=True, kw_only=True)
class _Row:
    line: int
    cells: tuple[str, ...]
    criterion: str = ""
    """The id of the criterion that it is about; empty where it is about none."""
    points: int | None = None
    """None where it names none."""
    is_sum: bool = False
    """Whether it heads a section, with the points of the rows below it."""


@dataclass(frozen=True)
class _Table:
    """A table that has a column of points, and a criterion in one of its rows at least."""

    rows: list[_Row] = field(default_factory=list)


def table_problems(brief: str, criteria: Sequence[Criterion]) -> Iterator[str]:
    """Yield a sentence for each row of a table in `brief` that says other than `criteria`.

    A table of criteria has a column called "points". In it a row is about the criterion whose id
    stands alone in a cell, in backticks; the next cell is its title. A row in bold without an id
    gives the sum of those below it.
    """
    known = {one.id: one for one in criteria}
    for table in _tables(brief, known):
        for row in table.rows:
            if row.criterion:
                yield from _row_problems(row, known[row.criterion])
        yield from _sum_problems(table.rows)
        yield from _total_problems(table.rows, criteria)


def _row_problems(row: _Row, criterion: Criterion) -> Iterator[str]:
    if row.points is not None and row.points != criterion.points:
        yield (
            f"README.md:{row.line}: {criterion.id} is worth {row.points} in the brief and "
            f"{criterion.points} in challenge.yml; make them the same."
        )
    at = next(at for at, cell in enumerate(row.cells) if NAMED.fullmatch(cell))
    title = row.cells[at + 1] if at + 1 < len(row.cells) else ""
    if title and not title.isdecimal() and _plain(title) != _plain(criterion.title):
        yield (
            f"README.md:{row.line}: the title of {criterion.id} is {_quoted(title)} in the brief "
            f"and {_quoted(criterion.title)} in challenge.yml; make them the same."
        )


def _sum_problems(rows: Sequence[_Row]) -> Iterator[str]:
    """Sections whose points are not those of their rows."""
    heads = [at for at, row in enumerate(rows) if row.is_sum]
    for start, end in pairwise([*heads, len(rows)]):
        head, below = rows[start], [row.points for row in rows[start + 1 : end]]
        if below and None not in below and head.points != (found := sum(filter(None, below))):
            yield (
                f"README.md:{head.line}: the rows below add up to {found} points, not to "
                f"{head.points}; correct one of them."
            )


def _total_problems(rows: Sequence[_Row], criteria: Sequence[Criterion]) -> Iterator[str]:
    """Yield what all rows are worth, where the table has a row for every criterion."""
    counted = [row for row in rows if not row.is_sum and row.points is not None]
    stands_for = sum(1 if row.criterion else _hidden(row) for row in counted)
    found, wanted = sum(row.points or 0 for row in counted), sum(one.points for one in criteria)
    named = {row.criterion for row in rows}
    right = all(
        row.points == one.points for row in counted for one in criteria if one.id == row.criterion
    )
    if right and stands_for == len(criteria) and len(named - {""}) > 1 and found != wanted:
        yield (
            f"README.md:{counted[-1].line}: the rows of this table add up to {found} points, and "
            f"the criteria of challenge.yml to {wanted}; correct the rows of hidden ones."
        )


def _hidden(row: _Row) -> int:
    found = next((match for cell in row.cells if (match := HIDDEN.match(_plain(cell)))), None)
    return int(found[1]) if found else 0


def _tables(brief: str, known: dict[str, Criterion]) -> Iterator[_Table]:
    block: list[tuple[int, tuple[str, ...]]] = []
    for number, line in enumerate([*brief.splitlines(), ""], 1):
        if line.lstrip().startswith("|"):
            block.append((number, _cells(line)))
            continue
        head = [cell.casefold() for cell in block[0][1]] if block else []
        if "points" in head:
            rows = [_row(at, cells, head.index("points"), known) for at, cells in block[1:]]
            rows = [row for row in rows if not all(map(RULE.fullmatch, filter(None, row.cells)))]
            if any(row.criterion for row in rows):
                yield _Table(rows)
        block = []


def _row(line: int, cells: tuple[str, ...], at: int, known: dict[str, Criterion]) -> _Row:
    names = [match[1] for cell in cells if (match := NAMED.fullmatch(cell))]
    criterion = next((name for name in names if name in known), "")
    said = cells[at] if at < len(cells) else ""
    points = said.strip("*_ ")
    return _Row(
        line=line,
        cells=cells,
        criterion=criterion,
        points=int(points) if points.isdecimal() else None,
        is_sum=not criterion and said.startswith("**") and points.isdecimal(),
    )


def _cells(line: str) -> tuple[str, ...]:
    """Return the cells of a row; an escaped `|` is text."""
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(cell.replace(r"\|", "|").strip() for cell in re.split(r"(?<!\\)\|", inner))


def _plain(text: str) -> str:
    """`text` without marks of Markdown, and with single blanks."""
    return " ".join(re.sub(r"[`*]|(?<!\w)_|_(?!\w)|\\(?=[<>&*_])", "", text).split()).rstrip(".")


def _quoted(text: str) -> str:
    return f'"{clip(text, 80)}"'
