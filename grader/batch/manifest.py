"""The manifest of a class: a row for each student, as a spreadsheet or a program writes it."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.batch.entry import Entry
from grader.errors import UsageError
from grader.submission.intake import is_remote
from grader.text import clean, clip, nearest

COLUMNS = ("student", "source", "ref", "email", "id")
NEEDED = ("student", "source")
MAX_BYTES = 16 * 1024 * 1024
SURPLUS = "\0surplus"
"""Stands for a cell that no column is for; no column can be called so."""
SEPARATOR = re.compile(r"sep=([,;\t])\n", re.IGNORECASE)
"""The line by which Excel says what separates the cells."""
SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
"""What a spreadsheet makes of a long number."""
KEPT_AS_TEXT = re.compile(r'="([^"]*)"')


def read_manifest(path: Path) -> list[Entry]:
    """Return the entries of the manifest at `path`; paths in it are seen from its own folder.

    A CSV file has a line of column names, and commas or semicolons; a JSON file has a list of
    objects. `student` and `source` are needed, `ref`, `email` and `id` may be there. Raises
    `UsageError` with every fault found, and its line.
    """
    if path.stat().st_size > MAX_BYTES:
        msg = f"{path} is larger than {MAX_BYTES >> 20} MiB, which no manifest is."
        raise UsageError(msg)
    text = _decoded(path)
    rows = _json(path, text) if path.suffix.lower() == ".json" else _csv(path, text)
    entries, problems = [], []
    for where, row in rows:
        said = [f"{where}: `{name}` is empty." for name in NEEDED if not row.get(name, "").strip()]
        said += [f"{where}: {_odd(name)} is not known in a manifest.{nearest(name, list(COLUMNS))}"
                 for name in row if name not in (*COLUMNS, SURPLUS)]  # fmt: skip
        said += [f"{where}: {fault}" for fault in _faults(row)]
        problems += said
        if not said:
            entries.append(_entry(row, path.parent))
    if problems:
        listing = "\n".join(f"  - {problem}" for problem in problems[:50])
        msg = f"{path} has faults; correct each of these and run it again:\n{listing}"
        raise UsageError(msg)
    return entries


def _decoded(path: Path) -> str:
    """Return the text of `path`: UTF-8 or, with its mark, UTF-16 (spreadsheets' "Unicode text")."""
    raw = path.read_bytes()
    utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = raw.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path} is not in UTF-8; save it as that (in a spreadsheet: CSV UTF-8)."
        raise UsageError(msg) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _faults(row: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with the cells of a row."""
    if surplus := row.get(SURPLUS):
        yield (
            f"it has more cells than the first line has columns ({_odd(surplus)} is the first of "
            'them). Put a cell that holds the separator in quotes: "Lovelace, Ada".'
        )
    for name, value in row.items():
        if any(unicodedata.category(sign) == "Cc" for sign in value.strip()):
            yield f"`{name}` holds a line break or another control character; take it out."
    if SHORTENED.fullmatch(row.get("id", "").strip()):
        yield (
            f"the id {_odd(row['id'])} was shortened by a spreadsheet; format the column as text "
            "and fill it in again."
        )


def _entry(row: dict[str, str], folder: Path) -> Entry:
    values = {name: _plain(row.get(name, "").strip()) for name in COLUMNS}
    if not is_remote(values["source"]):
        values["source"] = str(_local(folder, values["source"]))
    return Entry(**values)


def _plain(cell: str) -> str:
    """Return a cell without the formula that keeps a spreadsheet from making it a number.

    `="007"`.
    """
    found = KEPT_AS_TEXT.fullmatch(cell)
    return found[1] if found else cell


def _local(folder: Path, source: str) -> Path:
    """Return the path `source`, which may be written as Windows does it."""
    path = folder / source
    written = folder / source.replace("\\", "/")
    return written if not path.exists() and written.exists() else path


def _csv(path: Path, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each line that is not blank, with where it is, by the names of its columns."""
    rest = text.lstrip("\n")
    above = len(text) - len(rest)
    if said := SEPARATOR.match(rest):
        rest, above = rest[said.end() :], above + 1
    head = rest.partition("\n")[0]
    delimiter = said[1] if said else max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(rest), delimiter=delimiter, strict=True)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        if missing := [name for name in NEEDED if name not in names]:
            msg = f"{path} has no column {' and '.join(missing)}; its first line names the columns."
            raise UsageError(msg)
        for row in rows:
            if any(cell.strip() for cell in row):
                cells = dict(zip(names, row, strict=False))
                if any(cell.strip() for cell in row[len(names) :]):
                    cells[SURPLUS] = next(cell for cell in row[len(names) :] if cell.strip())
                yield f"line {rows.line_num + above}", cells
    except csv.Error as error:
        msg = f"{path}, line {rows.line_num + above}, cannot be read as CSV: {error}."
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
    """Return a value as text: ids are often written as numbers."""
    return "" if value is None else str(value)


def _odd(name: str) -> str:
    return f"`{clip(clean(name), 60)}`"
