"""Secrets in notebooks: each cell of code is read as Python, all else as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from grader.inspect.secrets.finding import Hit
from grader.inspect.secrets.lines import CODE, assignments
from grader.inspect.secrets.places import Place
from grader.inspect.secrets.python import read_python

MAX_CELLS = 2000


def read_notebook(text: str, place: Place) -> list[Hit] | None:
    """The hits, at their lines of the file; None where it is no notebook."""
    try:
        cells = json.loads(text)["cells"]
        sources = [_source(cell) for cell in cells[:MAX_CELLS] if cell.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    lines = text.splitlines()
    hits: list[Hit] = []
    for source in sources:
        code = "\n".join(f"pass  # {line}" if line.lstrip().startswith(("%", "!")) else line
                         for line in source.splitlines())  # fmt: skip
        found = read_python(code, place)
        if found is None:
            found = [
                replace(hit, line=code.count("\n", 0, at) + 1)
                for at, hit in assignments(code, place, CODE)
            ]
        hits += (replace(hit, line=_line(lines, source, hit.line)) for hit in found)
    return hits


def _source(cell: dict[str, object]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _line(lines: list[str], source: str, inner: int) -> int:
    """Where the cell's line `inner` stands in the file."""
    rows = source.splitlines()
    wanted = json.dumps(rows[inner - 1].strip())[1:-1] if 0 < inner <= len(rows) else ""
    return next((number for number, line in _numbered(lines) if wanted and wanted in line), 1)


def _numbered(lines: list[str]) -> Iterator[tuple[int, str]]:
    return enumerate(lines, start=1)
