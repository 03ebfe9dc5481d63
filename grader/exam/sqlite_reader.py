"""What runs in the process that reads a SQLite database: `python -I -m … PATH SECONDS`.

A request is a statement of SQL, the answer its rows.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.exam.confined_serve import Unreadable, serve

STEPS = 1000
"""Instructions of SQLite's machine between two looks at the time."""
MOST_ROWS = 100_000
"""Rows of one answer."""
LONGEST = 8 << 20
"""Bytes of one value."""
MOST_BYTES = 32 << 20
"""Bytes and characters of all values of one answer: a file can have rows share what they hold."""


def reader(path: Path, seconds: float) -> Callable[[str], list[tuple[Any, ...]]]:
    """Return a function that gives the rows of a statement on the database at `path`.

    It raises `Unreadable`.
    """
    connection = _connected(path, seconds)

    def rows(statement: str) -> list[tuple[Any, ...]]:
        try:
            return _bounded(connection.execute(statement))
        except (sqlite3.Error, OverflowError) as error:
            raise Unreadable(str(error)) from error

    return rows


def _bounded(cursor: sqlite3.Cursor) -> list[tuple[Any, ...]]:
    found, size = [], 0
    for row in cursor:
        size += sum(len(one) for one in row if isinstance(one, str | bytes))
        if size > MOST_BYTES:
            msg = f"its rows hold more than {MOST_BYTES >> 20} MiB"
            raise Unreadable(msg)
        found.append(row)
        if len(found) == MOST_ROWS:
            break
    return found


def _connected(path: Path, seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=1, isolation_level=None)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    until = time.process_time() + seconds
    connection.set_progress_handler(lambda: time.process_time() > until, STEPS)
    for pragma in (
        "trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0", "temp_store = MEMORY",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")
    return connection


if __name__ == "__main__":
    serve(reader(Path(sys.argv[1]), float(sys.argv[2])), float(sys.argv[2]))
