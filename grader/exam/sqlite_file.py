"""A SQLite database that a submission has made, opened by a suite without trust in it.

Its bytes come from a volume or from an answer, and may hold anything: views and triggers that
compute for ever, expressions in the schema, tables of a program, rows that share what they hold. A
process of its own reads it, whose time and memory are bounded, and only plain tables are asked for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from grader.exam.confined import CannotRead, ConfinedProcess
from grader.exam.faults import Mismatch
from grader.exam.reply import Reply
from grader.exam.sqlite_reader import MOST_ROWS
from grader.text import clean, clip

HEADER = b"SQLite format 3\0"
"""What every SQLite database begins with."""
SECONDS = 5.0
"""Processor time for all that is asked of one database; the clock would blame an app for a machine
that is busy."""
MOST_TABLES = 200
READER = "grader.exam.sqlite_reader"


class SqliteFile:
    """A database that is open for reading; see `opened`."""

    def __init__(self, reader: ConfinedProcess, what: str, reply: Reply | None) -> None:
        self._reader = reader
        self._what = what
        self._reply = reply

    def fail(self, message: str) -> NoReturn:
        """Fail the criterion with `message`, the answer that the file came in being the evidence.

        `{}` in it stands for what the file is called.
        """
        said = message.replace("{}", self._what)
        raise Mismatch(said, self._reply.exchange if self._reply else None)

    def check(self) -> None:
        """Fail where SQLite finds the file damaged, or a row that refers to no other one."""
        found = self._rows("PRAGMA integrity_check(1)")
        if found != [("ok",)]:
            said = clip(clean(str(found[0][0])), 200) if found else "nothing"
            self.fail(f"{{}} is damaged; PRAGMA integrity_check says: {said}")
        if orphans := self._rows("PRAGMA foreign_key_check"):
            table, parent = (clip(clean(str(one)), 60) for one in (orphans[0][0], orphans[0][2]))
            self.fail(f"{{}} holds rows of {table} that refer to no row of {parent}.")

    @property
    def tables(self) -> list[str]:
        """Names of its plain tables: no views, and none of a program."""
        rows = self._rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
            "ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL %' ORDER BY name"
        )
        return [str(name) for (name,) in rows[:MOST_TABLES]]

    def columns(self, table: str) -> list[str]:
        """Return the names of the columns of a table that store something."""
        return [str(row[1]) for row in self._rows(f"PRAGMA table_info({_quoted(table)})")]

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """Return all rows of a table, 100,000 at most, with their columns as `columns` has them."""
        named = ", ".join(map(_quoted, self.columns(table)))
        return self._rows(f"SELECT {named} FROM {_quoted(table)} LIMIT {MOST_ROWS}")  # noqa: S608 - both quoted

    def holding(self, text: str) -> list[tuple[str, str]]:
        """Return each table and column of which a value is `text`, as it stands."""
        found = []
        for table in self.tables:
            columns = self.columns(table)
            for row in self.rows(table):
                if text in row:
                    found += [(table, columns[at]) for at, one in enumerate(row) if one == text]
        return list(dict.fromkeys(found))

    def texts(self) -> set[str]:
        """Return every text that a column of its tables holds, as it stands."""
        rows = (row for table in self.tables for row in self.rows(table))
        return {one for row in rows for one in row if isinstance(one, str)}

    def parents(self, table: str) -> list[str]:
        """Return the tables that foreign keys of `table` refer to."""
        return [str(row[2]) for row in self._rows(f"PRAGMA foreign_key_list({_quoted(table)})")]

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            return [tuple(row) for row in self._reader.ask(sql)]
        except CannotRead as error:
            self.fail(f"{{}} cannot be read as a SQLite database: {clip(clean(str(error)), 200)}.")


@contextmanager
def opened(
    files: Mapping[str, bytes], *, what: str = "The database", reply: Reply | None = None
) -> Iterator[SqliteFile]:
    """Open a copy of a database for the block.

    `files` are the bytes of the database and of what SQLite keeps alongside it, by the end of the
    name: `{"": …, "-wal": …, "-journal": …}`. `what` is what sentences call it, `reply` the answer
    that it came in. Fails where it is no SQLite database.
    """
    if not files[""].startswith(HEADER):
        said = f"{what} is no SQLite database: it does not begin with the header of one."
        raise Mismatch(said, reply.exchange if reply else None)
    with tempfile.TemporaryDirectory(prefix="exam-sqlite-") as folder:
        path = Path(folder, "copy.db")
        for end, content in files.items():
            path.with_name(path.name + end).write_bytes(content)
        with closing(_reading(path)) as reader:
            yield SqliteFile(reader, what, reply)


def _reading(path: Path) -> ConfinedProcess:
    return ConfinedProcess(READER, str(path), seconds=SECONDS)


def altered(content: bytes, statements: Sequence[str]) -> bytes:
    """Return the database in `content` as `statements` change it, with foreign keys off.

    For databases that a suite hands in. Fails where SQLite refuses a statement.
    """
    with tempfile.TemporaryDirectory(prefix="exam-sqlite-") as folder:
        path = Path(folder, "copy.db")
        path.write_bytes(content)
        try:
            with closing(_reading(path)) as reader:
                for statement in ("PRAGMA journal_mode = DELETE", *statements):
                    reader.ask(statement)
        except CannotRead as error:
            msg = f"The backup cannot be changed by SQLite: {clip(clean(str(error)), 200)}."
            raise Mismatch(msg) from error
        return path.read_bytes()


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
