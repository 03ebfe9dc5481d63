"""Reading a snapshot's files."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest

from grader.inspect import files
from grader.inspect.files import is_file, list_files, read_bytes, read_text


def test_files_are_listed_with_slashes_and_sorted(tmp_path: Path) -> None:
    """Folders are not; a link to a folder is not gone into."""
    (tmp_path / "b" / "c").mkdir(parents=True)
    for name in ("b/c/d", "a", "b/a"):
        (tmp_path / name).write_text("x")
    (tmp_path / "loop").symlink_to(".")
    assert list_files(tmp_path) == ("a", "b/a", "b/c/d")


def test_only_a_regular_file_is_one(tmp_path: Path) -> None:
    """No link, not even to a file; no folder, pipe or name that nothing has."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    names = ("file", "link", "folder", "pipe", "none", "file/below", "x" * 300)
    assert [name for name in names if is_file(tmp_path, name)] == ["file"]
    assert [name for name in names if read_bytes(tmp_path, name)] == ["file"]


def test_reading_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies beyond the cap is not read."""
    monkeypatch.setattr(files, "MAX_BYTES", 3)
    (tmp_path / "file").write_text("12345")
    assert read_bytes(tmp_path, "file") == b"123"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("naïve".encode(), "naïve"),
        (codecs.BOM_UTF8 + "naïve".encode(), "naïve"),
        (codecs.BOM_UTF16_LE + "naïve".encode("utf-16-le"), "naïve"),
        (codecs.BOM_UTF16_BE + "naïve".encode("utf-16-be"), "naïve"),
        (codecs.BOM_UTF16_LE + b"a", "\N{REPLACEMENT CHARACTER}"),
        (b"na\xefve", "na\N{REPLACEMENT CHARACTER}ve"),
        (b"", ""),
    ],
    ids=["UTF-8", "its mark", "UTF-16", "the other order", "half a unit", "Latin-1", "nothing"],
)
def test_the_encoding_is_told_by_its_mark(tmp_path: Path, content: bytes, text: str) -> None:
    """Else it is UTF-8, and what is none is replaced."""
    (tmp_path / "file").write_bytes(content)
    assert read_text(tmp_path, "file") == text
