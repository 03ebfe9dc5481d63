"""A submission's SQLite database: what is read of it, and what it cannot do to whoever reads it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from grader.exam import sqlite_file
from grader.exam.faults import Mismatch
from grader.exam.sqlite_file import altered, opened

NOTES = """
CREATE TABLE books (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE notes (id INTEGER PRIMARY KEY, book INTEGER REFERENCES books (id), title TEXT);
INSERT INTO books VALUES (1, 'Home'), (2, 'Work');
INSERT INTO notes VALUES (1, 1, 'Milk'), (2, 2, 'Home');
"""


def made(tmp_path: Path, script: str) -> bytes:
    path = tmp_path / "made.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path.read_bytes()


def test_what_it_holds(tmp_path: Path) -> None:
    """Tables, columns, rows, keys, and where a text stands."""
    with opened({"": made(tmp_path, NOTES)}) as database:
        database.check()
        assert database.tables == ["books", "notes"]
        assert database.columns("notes") == ["id", "book", "title"]
        assert database.rows("books") == [(1, "Home"), (2, "Work")]
        assert database.holding("Home") == [("books", "name"), ("notes", "title")]
        assert database.holding("None") == []
        assert database.texts() == {"Home", "Work", "Milk"}
        assert database.parents("notes") == ["books"]


def test_what_is_none_is_said(tmp_path: Path) -> None:
    """Text, a file that is cut off, one with damaged pages."""
    content = made(tmp_path, NOTES)
    with (
        pytest.raises(Mismatch, match="The backup is no SQLite database"),
        opened({"": b"text"}, what="The backup"),
    ):
        pass
    torn = content[:4096] + b"\xee" * 4096 + content[8192:]
    with (
        opened({"": torn}, what="The backup") as database,
        pytest.raises(Mismatch, match=r"The backup (is damaged|cannot be read)"),
    ):
        database.check()
    with opened({"": content[:4096]}) as database, pytest.raises(Mismatch):
        database.rows("notes")


def test_rows_that_refer_to_nothing_are_named(tmp_path: Path) -> None:
    content = altered(made(tmp_path, NOTES), ["DELETE FROM books WHERE id = 1"])
    with (
        opened({"": content}) as database,
        pytest.raises(Mismatch, match="rows of notes that refer to no row of books"),
    ):
        database.check()


def test_what_is_in_the_write_ahead_log_is_there(tmp_path: Path) -> None:
    """Where the files alongside are handed over."""
    path = tmp_path / "live.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(NOTES)
        files = {"": path.read_bytes(), "-wal": path.with_name("live.db-wal").read_bytes()}
    with opened(files) as database:
        assert database.holding("Milk") == [("notes", "title")]


def test_views_and_virtual_tables_are_no_tables(tmp_path: Path) -> None:
    """Nothing of them is asked."""
    more = "CREATE VIEW seen AS SELECT 'Ghost' AS title; CREATE VIRTUAL TABLE words USING fts5 (w);"
    script = f"{NOTES} {more}"
    with opened({"": made(tmp_path, script)}) as database:
        assert "seen" not in database.tables
        assert "words" not in database.tables
        assert database.holding("Ghost") == []


def test_work_without_end_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that computes for each row, however few instructions that takes."""
    monkeypatch.setattr(sqlite_file, "SECONDS", 0.3)
    script = """
    PRAGMA ignore_check_constraints = ON;
    CREATE TABLE slow (a INTEGER CHECK (length(hex(zeroblob(1000000 + a))) > 1));
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000)
    INSERT INTO slow SELECT i FROM n;
    """
    content = made(tmp_path, script)
    began = time.thread_time()
    with opened({"": content}) as database, pytest.raises(Mismatch, match="interrupted"):
        database.check()
    assert time.thread_time() - began < 10


def test_values_of_any_kind_are_read(tmp_path: Path) -> None:
    """No text that is no UTF-8, and no name with a quote, is an error of ours."""
    script = """
    CREATE TABLE "a""b" ("c""d" TEXT, e BLOB);
    INSERT INTO "a""b" VALUES (CAST(x'ff41' AS TEXT), x'00');
    """
    with opened({"": made(tmp_path, script)}) as database:
        assert database.tables == ['a"b']
        assert database.rows('a"b') == [("\ufffdA", b"\0")]


def test_a_statement_that_is_refused_is_said(tmp_path: Path) -> None:
    with pytest.raises(Mismatch, match="cannot be changed by SQLite: no such table"):
        altered(made(tmp_path, NOTES), ["DELETE FROM missing"])
