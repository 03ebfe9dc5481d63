"""Secrets in notebooks: each cell of code is read as Python, all else as text."""

from __future__ import annotations

import json
from dataclasses import replace

from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Hit
from grader.inspect.secrets.lines import assignments
from grader.inspect.secrets.python import read_python
from grader.inspect.secrets.styles import CODE

MAX_CELLS = 2000
MAX_HITS = 2000


def read_notebook(text: str, place: FileRole) -> list[Hit] | None:
    """Return the hits, at their lines of the file; None where it is no notebook."""
    try:
        cells = json.loads(text)["cells"]
        sources = [_source(cell) for cell in cells[:MAX_CELLS] if cell.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
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
        rows = source.splitlines()
        hits += (replace(hit, line=_line(text, rows, hit.line)) for hit in found)
        if len(hits) > MAX_HITS:
            break
    return hits


def _source(cell: dict[str, object]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _line(text: str, rows: list[str], inner: int) -> int:
    """Return where the line `inner` of a cell with those rows stands in the file."""
    wanted = json.dumps(rows[inner - 1].strip())[1:-1] if 0 < inner <= len(rows) else ""
    at = text.find(wanted) if wanted else -1
    if at < 0 and wanted:  # the file may write other letters than ASCII as they are
        at = text.find(json.dumps(rows[inner - 1].strip(), ensure_ascii=False)[1:-1])
    return text.count("\n", 0, max(at, 0)) + 1
