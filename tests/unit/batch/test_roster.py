"""Who hands in what: folders as they lie about, manifests as they are written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.batch import Entry, read_roster
from grader.errors import UsageError


def handed_in(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "app.py").write_text("x")


def test_a_folder_of_folders_and_archives(tmp_path: Path) -> None:
    """One student each; what systems put alongside it is nobody's."""
    handed_in(tmp_path, "bob", "ada", "__MACOSX", ".git")
    (tmp_path / "eve.tar.gz").write_bytes(b"")
    (tmp_path / "zoe.ZIP").write_bytes(b"")
    (tmp_path / "dan.rar").write_bytes(b"")
    (tmp_path / ".DS_Store").write_bytes(b"")
    found = {entry.student: Path(entry.source).name for entry in read_roster(tmp_path)}
    assert found == {
        "ada": "ada", "bob": "bob", "dan": "dan.rar", "eve": "eve.tar.gz", "zoe": "zoe.ZIP"
    }  # fmt: skip
    assert list(found) == sorted(found)


def test_what_systems_put_into_a_class_is_no_student(tmp_path: Path) -> None:
    """Neither macOS's files nor Windows', whatever their case."""
    for name in ("ada", "__MACOSX", ".vscode"):
        (tmp_path / name).mkdir()
    for name in ("desktop.ini", "Thumbs.db", ".DS_Store", "._ada"):
        (tmp_path / name).write_text("x")
    assert [entry.student for entry in read_roster(tmp_path)] == ["ada"]


def test_a_single_submission_is_no_class(tmp_path: Path) -> None:
    """Its folders would be taken for students."""
    handed_in(tmp_path, "app")
    (tmp_path / "Dockerfile").write_text("x")
    with pytest.raises(UsageError, match="so it is one submission"):
        read_roster(tmp_path)


def test_nothing_to_grade_is_told(tmp_path: Path) -> None:
    """No such folder, an empty one, a file of another kind."""
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    for source, why in (("none", "no folder of submissions"), ("a.txt", "no manifest"),
                        ("empty", "holds no submissions")):  # fmt: skip
        with pytest.raises(UsageError, match=why):
            read_roster(tmp_path / source)


MANIFEST = """\
Student,Source,Ref,Email,ID
Ada Lovelace,answers/ada,,ada@example.org,17
"O'Neill, Bob",https://example.org/bob/todo.git,v1,bob@example.org,18

"""


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_spreadsheets_manifest(separator: str, tmp_path: Path) -> None:
    """With the mark and the separator that spreadsheets write; paths are seen from the file."""
    text = MANIFEST if separator == "," else MANIFEST.replace(",", ";").replace("l; B", "l, B")
    (tmp_path / "class.csv").write_text(text, "utf-8-sig")
    ada, bob = read_roster(tmp_path / "class.csv")
    assert ada == Entry(
        student="Ada Lovelace", source=f"{tmp_path}/answers/ada", email="ada@example.org", id="17"
    )
    assert (bob.source, bob.ref) == ("https://example.org/bob/todo.git", "v1")


def test_a_programs_manifest(tmp_path: Path) -> None:
    """A list of objects; an id may be a number, and what is null is left out."""
    (tmp_path / "class.json").write_text(
        '[{"student": "Ada", "source": "ada.zip", "id": 17, "email": null}]'
    )
    (ada,) = read_roster(tmp_path / "class.json")
    assert (ada.id, ada.email, ada.source) == ("17", "", f"{tmp_path}/ada.zip")


@pytest.mark.parametrize(
    ("name", "text", "sentences"),
    [
        ("a.csv", "student,path\nx,y\n", ["has no column source"]),
        ("a.csv", "", ["has no column student and source"]),
        ("a.csv", "student,source,mail\nada,x,y\n,x,y\n",
         ["line 2: `mail` is not known in a manifest. Did you mean 'email'?",
          "line 3: `student` is empty."]),
        ("a.csv", 'student,source\n"ada,x\n', ["line 2, cannot be read as CSV"]),
        ("a.json", "{", ["cannot be read as JSON"]),
        ("a.json", "[" * 100_000, ["cannot be read as JSON"]),
        ("a.json", '{"student": "a"}', ["should hold a list of objects"]),
        ("a.json", '[{"student": "a"}, {"source": "b"}]',
         ["object 1: `source` is empty.", "object 2: `student` is empty."]),
    ],
)  # fmt: skip
def test_every_fault_of_a_manifest_is_named(
    name: str, text: str, sentences: list[str], tmp_path: Path
) -> None:
    """With its line, all at once."""
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError) as caught:
        read_roster(tmp_path / name)
    for sentence in sentences:
        assert sentence in str(caught.value)


def test_a_manifest_in_another_encoding_is_told(tmp_path: Path) -> None:
    """What to do in a spreadsheet."""
    (tmp_path / "a.csv").write_bytes("student,source\nJörg,x\n".encode("latin-1"))
    with pytest.raises(UsageError, match="save it as that"):
        read_roster(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("Ada,a,,\nada,b,,", "2 have the name Ada: .*/a, .*/b"),
        ("Jo\u0308rg,a,,\nJ\u00f6rg,b,,", "2 have the name"),
        ("ada,a,,7\nbob,b,,7\neve,c,,", "2 have the id 7"),
        ("ada,a,x@y.org,\nbob,b,X@y.org,", "2 have the email x@y.org"),
    ],
)
def test_students_that_cannot_be_told_apart_are_refused(
    rows: str, why: str, tmp_path: Path
) -> None:
    """Before anything is graded: a grade must not go to the wrong one."""
    (tmp_path / "a.csv").write_text(f"student,source,email,id\n{rows}\n")
    with pytest.raises(UsageError, match=why):
        read_roster(tmp_path / "a.csv")


ADA, BOB = {"student": "Ada", "source": "a"}, {"student": "Bob", "source": "b"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "student,source,id\nAda,a,007\nBob,b,7\n"),
        ("a.csv", 'student;source;id\nAda;a;"=""007"""\nBob;b;7\n'),
        ("a.json", json.dumps([{**ADA, "id": "007"}, {**BOB, "id": 7}])),
    ],
    ids=["plain", "kept as text", "JSON"],
)
def test_ids_are_texts_and_zeros_tell_them_apart(name: str, text: str, tmp_path: Path) -> None:
    """`007` and `7` are two students, as in every course system; `007` twice are not."""
    (tmp_path / name).write_text(text)
    found = read_roster(tmp_path / name)
    assert [(one.student, one.id) for one in found] == [("Ada", "007"), ("Bob", "7")]
    (tmp_path / "same.csv").write_text("student,source,id\nAda,a,007\nBob,b,007\n")
    with pytest.raises(UsageError, match=r"2 have the id 007: .*/a, .*/b"):
        read_roster(tmp_path / "same.csv")


def test_a_folder_and_an_archive_of_one_name_are_refused(tmp_path: Path) -> None:
    """Nobody knows which of them counts."""
    handed_in(tmp_path, "ada")
    (tmp_path / "ada.zip").write_bytes(b"")
    with pytest.raises(UsageError, match="2 have the name ada"):
        read_roster(tmp_path)


def test_a_report_is_named_by_its_student() -> None:
    """By the name itself where a file may have it; else by what is left of it, and a mark."""
    stems = {name: Entry(student=name, source="x").stem for name in (
        "ada", "Ada Lovelace", "../../etc/passwd", "a/b", "a b", "-rf", "Zoë", "Zoé", "x" * 300,
        "\x1b[31m", "CON.", "名前",
    )}  # fmt: skip
    assert (stems["ada"], stems["Ada Lovelace"]) == ("ada", "Ada Lovelace")
    assert len(set(stems.values())) == len(stems)
    for stem in stems.values():
        assert stem.isascii()
        assert not set(stem) & set("/\\\x1b\n")
        assert not stem.startswith((".", "-"))
        assert len(stem) <= 80
