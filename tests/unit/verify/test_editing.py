"""Solutions written out, edited, and made into patches."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import SourceError, SpecError, UsageError
from grader.testing import a_challenge
from grader.verify.editing import write_patch, write_solution

NEW = "based_on: plain\npitfall: new\nloses: [entry.stored]\nwhy: A test.\n"


@pytest.fixture
def copy(references: Path, tmp_path: Path) -> Path:
    """The accepted solution, written out."""
    return write_solution(references, a_challenge(), "plain", tmp_path / "copy")


def test_solutions_are_written_out_whole(references: Path, tmp_path: Path) -> None:
    """Accepted and rejected; into a folder that is there as well, where it is empty."""
    (tmp_path / "one").mkdir()
    write_solution(references, a_challenge(), "forgets", tmp_path / "one")
    assert "changed" in (tmp_path / "one/app.py").read_text()
    write_solution(references, a_challenge(), "plain", tmp_path / "deep/two")
    assert sorted(path.name for path in (tmp_path / "deep/two").iterdir()) == [
        "README.md", "app.py", "folder", "old.py",
    ]  # fmt: skip
    assert not list(tmp_path.glob(".solution-*"))


def test_what_cannot_be_written_out_is_said(
    references: Path, rejected: Path, copy: Path, tmp_path: Path
) -> None:
    """A name that is none, a folder that holds something, a patch that does not fit."""
    with pytest.raises(UsageError, match=r"has no solution 'forget'\. Did you mean 'forgets'"):
        write_solution(references, a_challenge(), "forget", tmp_path / "new")
    with pytest.raises(SourceError, match="is no folder; name an edited copy"):
        write_patch(references, a_challenge(), "forgets", tmp_path / "none")
    with pytest.raises(SourceError, match="exists and is not empty"):
        write_solution(references, a_challenge(), "forgets", copy)
    (references / "guestbook/accepted/forgets").mkdir()
    with pytest.raises(UsageError, match="an accepted and a rejected solution 'forgets'; rename"):
        write_solution(references, a_challenge(), "forgets", tmp_path / "new")
    (references / "guestbook/accepted/forgets").rmdir()
    (rejected / "forgets.patch").write_text("")
    with pytest.raises(SpecError, match="No valid patches in input"):
        write_solution(references, a_challenge(), "forgets", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_an_edited_copy_becomes_a_patch(
    references: Path, rejected: Path, copy: Path, tmp_path: Path
) -> None:
    """Without what tools leave in it; written out again it is the copy, and then up to date."""
    (rejected / "new.yml").write_text(NEW)
    (copy / "README.md").write_text("other\n")
    (copy / "folder/b.py").write_text("b\n")
    for leftover in ("__pycache__/a.pyc", ".venv/pyvenv.cfg", ".git/HEAD", "c.pyc", ".DS_Store"):
        (copy / leftover).parent.mkdir(exist_ok=True)
        (copy / leftover).write_bytes(b"\0")
    (made,) = write_patch(references, a_challenge(), "new", copy)
    assert (made.path, made.files, made.changed) == (rejected / "new.patch", 2, True)
    assert made.path.read_text() == (
        "--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-plain\n+other\n"
        "--- /dev/null\n+++ b/folder/b.py\n@@ -0,0 +1 @@\n+b\n"
    )
    again = write_solution(references, a_challenge(), "new", tmp_path / "again")
    assert (again / "folder/b.py").read_text() == "b\n"
    (made,) = write_patch(references, a_challenge(), "new", again)
    assert not made.changed
    assert not list(rejected.glob(".*"))


def test_a_mistake_that_was_removed(references: Path, rejected: Path, copy: Path) -> None:
    """Its files must be gone, and no others; a patch of nothing is removed."""
    (rejected / "new.yml").write_text(NEW + "removes: [old.py]\n")
    (rejected / "new.patch").write_text("--- a/app.py\n")
    with pytest.raises(UsageError, match=r"The copy has old.py, which new.yml removes"):
        write_patch(references, a_challenge(), "new", copy)
    (copy / "old.py").unlink()
    (made,) = write_patch(references, a_challenge(), "new", copy)
    assert (made.lines, made.changed, made.path.exists()) == (0, True, False)
    (copy / "README.md").unlink()
    with pytest.raises(UsageError, match=r"write `removes: \[old.py, README.md\]` into new.yml"):
        write_patch(references, a_challenge(), "new", copy)


def test_the_first_commit_becomes_a_patch(
    references: Path, rejected: Path, copy: Path, tmp_path: Path
) -> None:
    """Where NAME.yml says `earlier`; a copy without history leaves that patch as it is."""
    (rejected / "new.yml").write_text(NEW + "earlier: new.earlier.patch\n")

    def commit(message: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@localhost"]
        subprocess.run(["git", "-C", copy, "add", "-A"], check=True)
        subprocess.run(["git", "-C", copy, *who, "commit", "-qm", message], check=True)

    subprocess.run(["git", "init", "-q", copy], check=True)
    (copy / ".env").write_text("A=1\n")
    commit("first")
    (copy / ".env").unlink()
    commit("second")
    (made,) = write_patch(references, a_challenge(), "new", copy)
    assert made.path.name == "new.earlier.patch"
    assert made.path.read_text() == "--- /dev/null\n+++ b/.env\n@@ -0,0 +1 @@\n+A=1\n"
    whole = write_solution(references, a_challenge(), "new", tmp_path / "whole")
    (made,) = write_patch(references, a_challenge(), "new", whole)
    assert not made.changed
    status = ["git", "-C", str(copy), "status", "--porcelain"]
    assert subprocess.run(status, check=True, capture_output=True).stdout == b""
    (copy / ".git").rename(tmp_path / "elsewhere")
    assert write_patch(references, a_challenge(), "new", copy) == []
    assert made.path.exists()


def _other(folder: Path) -> None:
    for path in ("old.py", "folder/a.py", "README.md"):
        (folder / path).write_text("fancy\n")


def _unrelated(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (folder / "something.txt").touch()


@pytest.mark.parametrize(
    ("name", "edit", "sentence"),
    [
        (
            "newer",
            lambda folder: None,
            r"newer.yml. Did you mean 'new'\? Write it first: `based_on`",
        ),
        (
            "plain",
            lambda folder: None,
            "'plain' is an accepted solution of guestbook, which has no p",
        ),
        ("new", lambda folder: None, "is as plain is; make the mistake in it first."),
        (
            "new",
            _other,
            "is nearer to fancy than to plain, which new.yml names; write `based_on: f",
        ),
        ("new", _unrelated, "is no copy of plain, which new.yml names. Write one out with"),
    ],
)
def test_what_makes_no_patch_is_said(
    references: Path, rejected: Path, copy: Path, *,
    name: str, edit: Callable[[Path], object], sentence: str,
) -> None:  # fmt: skip
    """With what to do, and nothing is written."""
    (rejected / "new.yml").write_text(NEW)
    edit(copy)
    before = sorted(rejected.iterdir())
    with pytest.raises(UsageError, match=sentence):
        write_patch(references, a_challenge(), name, copy)
    assert sorted(rejected.iterdir()) == before
