"""A submission's SQLite database: what is read of it, and what it cannot do to whoever reads it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from grader.exam import confined, sqlite_file
from grader.exam.confined import ReadingTime
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
    with opened({"": content}) as database, pytest.raises(Mismatch, match="interrupted"):
        database.check()


@pytest.mark.slow
def test_one_instruction_without_end_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a function SQLite looks at no time; the process that reads is ended."""
    monkeypatch.setattr(sqlite_file, "SECONDS", 0.2)
    script = """
    PRAGMA ignore_check_constraints = ON;
    CREATE TABLE slow (a INTEGER CHECK (
        instr(hex(zeroblob(a)), hex(zeroblob(a / 2)) || '1') = 0));
    INSERT INTO slow VALUES (2000000);
    """
    began = time.monotonic()
    with (
        opened({"": made(tmp_path, script)}, what="The backup") as database,
        pytest.raises(Mismatch, match=r"The backup cannot .* it takes more than 0.2 s"),
    ):
        database.check()
    assert time.monotonic() - began < 30


def test_rows_that_share_what_they_hold_are_no_memory_of_the_suites(tmp_path: Path) -> None:
    """A file of a MiB whose pages lead to its one row again and again, five thousand times."""
    content = bytearray(made(tmp_path, """
        PRAGMA page_size = 512;
        CREATE TABLE notes (a BLOB);
        INSERT INTO notes VALUES (zeroblob(1000000));
    """))  # fmt: skip
    assert content[512] == 13, "the only row stands on the table's first page, a leaf"
    leaf = len(content) // 512 + 1
    content += content[512:1024]
    for child, page in ((leaf, leaf + 1), (leaf + 1, 2)):
        many = 70
        cells = b"".join(child.to_bytes(4, "big") + b"\1" for _ in range(many))
        start = 512 - len(cells)
        head = b"\5\0\0" + many.to_bytes(2, "big") + start.to_bytes(2, "big") + b"\0"
        head += child.to_bytes(4, "big")
        head += b"".join((start + 5 * one).to_bytes(2, "big") for one in range(many))
        built = head.ljust(start, b"\0") + cells
        at = (page - 1) * 512
        content[at : at + 512] = built
    content[28:32] = (len(content) // 512).to_bytes(4, "big")
    with (
        opened({"": bytes(content)}) as database,
        pytest.raises(Mismatch, match="its rows hold more than 32 MiB"),
    ):
        database.rows("notes")


def test_what_is_changed_has_a_bound(tmp_path: Path) -> None:
    """A trigger of the file's own writes more than anybody has asked for."""
    script = f"""{NOTES}
    CREATE TRIGGER grows AFTER DELETE ON notes BEGIN
        INSERT INTO notes SELECT NULL, 1, zeroblob(8000000) FROM notes, notes, notes, notes;
    END;
    INSERT INTO notes (title) VALUES (1), (2), (3), (4), (5), (6), (7), (8);
    """
    with pytest.raises(Mismatch, match="The backup cannot be changed by SQLite"):
        altered(made(tmp_path, script), ["DELETE FROM notes WHERE id = 1"])


def test_all_databases_of_a_run_have_a_time_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined, "TIME", ReadingTime(left=0.01))
    content = made(tmp_path, NOTES)
    with opened({"": content}) as database:
        database.check()
    with opened({"": content}) as database, pytest.raises(Mismatch, match="more than 20 s"):
        database.check()


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
