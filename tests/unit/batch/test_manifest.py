"""A class list is read as spreadsheets write it; what it cannot mean is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.entry import Entry
from grader.batch.manifest import read_manifest
from grader.errors import UsageError

ROWS = 'student{0}source{0}id{0}email\n"Müller, Jörg"{0}a.zip{0}0012345{0}j@example.org\n'


def read(folder: Path, text: str | bytes, name: str = "class.csv") -> list[Entry]:
    """The entries of a manifest with the content `text`, next to the archive a.zip."""
    (folder / "a.zip").touch()
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_manifest(folder / name)


READ: dict[str, str | bytes] = {
    "commas": ROWS.format(","),
    "semicolons": ROWS.format(";"),
    "tabs": ROWS.format("\t"),
    "a byte order mark": ROWS.format(",").encode("utf-8-sig"),
    "lines of Windows": ROWS.format(";").replace("\n", "\r\n"),
    "lines of old Macs": ROWS.format(",").replace("\n", "\r"),
    "UTF-16": ROWS.format("\t").encode("utf-16"),
    "Excel's separator line": "sep=;\r\n" + ROWS.format(";"),
    "blank lines": "\n\n" + ROWS.format(",") + "\n,,,\n\n",
    "names in capitals": ROWS.format(",")
    .replace("student", "Student")
    .replace("source", " Source "),
    "an id kept as text": ROWS.format(";").replace("0012345", '"=""0012345"""'),
    "blank cells too many": ROWS.format(",").replace("org\n", "org,,\n"),
    "a path of Windows": ROWS.format(",").replace("a.zip", r".\a.zip"),
}


@pytest.mark.parametrize("name", READ)
def test_what_spreadsheets_write_is_read(name: str, tmp_path: Path) -> None:
    """Zeros at the beginning of an id stay."""
    assert read(tmp_path, READ[name]) == [
        Entry(student="Müller, Jörg", source=str(tmp_path / "a.zip"), id="0012345",
              email="j@example.org")
    ]  # fmt: skip


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "a cell too many": (
        "student,source\nAda,a.zip\nLovelace, Bob,a.zip\n",
        r"line 3: it has more cells than the first line has columns \(`a.zip`.*in quotes",
    ),
    "two cells too many": ("student,source\nA,a.zip,x,y\n", r"line 2: it has more cells.*`x`"),
    "too many after a blank line": ("\n\nstudent,source\nA,a.zip,x\n", r"line 4: it has more"),
    "too many after sep=": ("sep=;\nstudent;source\nA;a.zip;x\n", r"line 3: it has more cells"),
    "an id that was shortened": (
        "student,source,id\nA,a.zip,1.23457E+11\n", "`1.23457E\\+11` was shortened by a spreadsheet"
    ),
    "an id that was shortened, with a comma": (
        "student;source;id\nAda;a.zip;1,23457E+11\n", "was shortened by a spreadsheet"
    ),
    "a line break in a name": ('student,source\n"Ada\nL",a.zip\n', "`student` holds a line break"),
    "a zero byte": ("student,source\nA\0da,a.zip\n", "control character|cannot be read as CSV"),
    "no column for the source": ("name,file\nAda,a.zip\n", "has no column student and source"),
    "another encoding": ("student,source\nJörg,a\n".encode("cp1252"), "is not in UTF-8"),
    "half of UTF-16": (b"\xff\xfes\0t\0u", "is not in UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_refused(name: str, tmp_path: Path) -> None:
    """With its line, and what to do."""
    text, sentence = REFUSED[name]
    with pytest.raises(UsageError, match=f"(?s){sentence}"):
        read(tmp_path, text)


def test_a_program_may_write_a_byte_order_mark(tmp_path: Path) -> None:
    """JSON from Windows has one."""
    text = '\ufeff[{"student": "Ada", "source": "a.zip", "id": 12345, "email": null}]'
    assert [one.id for one in read(tmp_path, text, "class.json")] == ["12345"]
