"""The manifest of a class: a row for each student, as a spreadsheet or a program writes it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.batch.entry import Entry
from grader.errors import UsageError
from grader.submission.take import is_remote
from grader.text import clean, clip, nearest

COLUMNS = ("student", "source", "ref", "email", "id")
NEEDED = ("student", "source")
MAX_BYTES = 16 * 1024 * 1024


def read_manifest(path: Path) -> list[Entry]:
    """The entries of the manifest at `path`; paths in it are seen from its own folder.

    A CSV file has a line of column names, and commas or semicolons; a JSON file has a list of
    objects. `student` and `source` are needed, `ref`, `email` and `id` may be there. Raises
    `UsageError` with every fault found, and its line.
    """
    if path.stat().st_size > MAX_BYTES:
        msg = f"{path} is larger than {MAX_BYTES >> 20} MiB, which no manifest is."
        raise UsageError(msg)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path} is not in UTF-8; save it as that (in a spreadsheet: CSV UTF-8)."
        raise UsageError(msg) from error
    rows = _json(path, text) if path.suffix.lower() == ".json" else _csv(path, text)
    entries, problems = [], []
    for where, row in rows:
        said = [f"{where}: `{name}` is empty." for name in NEEDED if not row.get(name, "").strip()]
        said += [f"{where}: {_odd(name)} is not known in a manifest.{nearest(name, list(COLUMNS))}"
                 for name in row if name not in COLUMNS]  # fmt: skip
        problems += said
        if not said:
            entries.append(_entry(row, path.parent))
    if problems:
        listing = "\n".join(f"  - {problem}" for problem in problems[:50])
        msg = f"{path} has faults; correct each of these and run it again:\n{listing}"
        raise UsageError(msg)
    return entries


def _entry(row: dict[str, str], folder: Path) -> Entry:
    values = {name: row.get(name, "").strip() for name in COLUMNS}
    if not is_remote(values["source"]):
        values["source"] = str(folder / values["source"])
    return Entry(**values)


def _csv(path: Path, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each line that is not blank, with where it is, by the names of its columns."""
    head = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in head else ",", strict=True)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        if missing := [name for name in NEEDED if name not in names]:
            msg = f"{path} has no column {' and '.join(missing)}; its first line names the columns."
            raise UsageError(msg)
        for row in rows:
            if any(cell.strip() for cell in row):
                yield f"line {rows.line_num}", dict(zip(names, row, strict=False))
    except csv.Error as error:
        msg = f"{path}, line {rows.line_num}, cannot be read as CSV: {error}."
        raise UsageError(msg) from error


def _json(path: Path, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        rows: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{path} cannot be read as JSON: {clip(clean(str(error)), 200)}."
        raise UsageError(msg) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        msg = f"{path} should hold a list of objects, each with `student` and `source`."
        raise UsageError(msg)
    for number, row in enumerate(rows, 1):
        yield f"object {number}", {str(name): _text(value) for name, value in row.items()}


def _text(value: object) -> str:
    """A value as text: ids are often written as numbers."""
    return "" if value is None else str(value)


def _odd(name: str) -> str:
    return f"`{clip(clean(name), 60)}`"
