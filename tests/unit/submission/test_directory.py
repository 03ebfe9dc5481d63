"""Intake of a folder: everything that belongs, nothing that leads out."""

import errno
import os
import subprocess
from pathlib import Path

import pytest

from grader.errors import SourceError, SubmissionRejected
from grader.submission import directory, take
from grader.submission.directory import take_directory


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "app.py").write_text("print(1)\n")
    return folder


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*")}


def test_a_copy_is_the_same_and_has_the_same_digest(source: Path, tmp_path: Path) -> None:
    """Contents and executable bits are kept, and the digest depends on nothing else."""
    (source / "run.sh").write_text("#!/bin/sh\n")
    (source / "run.sh").chmod(0o755)
    first = take_directory(source, tmp_path / "a")
    os.utime(source / "app.py", (1, 1))
    second = take_directory(source, tmp_path / "b")
    assert names(first.root) == {"app.py", "run.sh"}
    assert os.access(first.root / "run.sh", os.X_OK)
    assert first.digest == second.digest
    (source / "app.py").write_text("print(2)\n")
    assert take_directory(source, tmp_path / "c").digest != first.digest


@pytest.mark.parametrize("aim", ["/etc/passwd", "../../etc/passwd", "sub/../../x", ".git/config"])
def test_a_link_that_leads_outside_stays_behind(source: Path, tmp_path: Path, aim: str) -> None:
    """No link out of the tree is in the copy; a note says so."""
    (source / "Dockerfile").symlink_to(aim)
    taken = take_directory(source, tmp_path / "copy")
    assert names(taken.root) == {"app.py"}
    assert taken.notes == ("Dockerfile was left out: its link leads outside.",)


def test_a_link_inside_stays_a_link(source: Path, tmp_path: Path) -> None:
    """A link to a neighbour is copied as a link."""
    (source / "main.py").symlink_to("app.py")
    taken = take_directory(source, tmp_path / "copy")
    assert (taken.root / "main.py").is_symlink()
    assert (taken.root / "main.py").read_text() == "print(1)\n"


def test_a_fifo_does_not_hang(source: Path, tmp_path: Path) -> None:
    """What is no regular file is left out, unopened."""
    os.mkfifo(source / "Dockerfile")
    taken = take_directory(source, tmp_path / "copy")
    assert taken.notes == ("Dockerfile was left out: it is no regular file.",)


def test_hostile_names_are_cleaned_in_notes(source: Path, tmp_path: Path) -> None:
    """A name cannot write to a terminal."""
    (source / "\x1b[31mx\n").symlink_to("/etc")
    (note,) = take_directory(source, tmp_path / "copy").notes
    assert "\x1b" not in note


def test_git_stays_behind_and_its_commit_is_read(source: Path, tmp_path: Path) -> None:
    """.git is not copied, its hooks do not run, and the commit is known."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(source)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "x"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    taken = take_directory(source, tmp_path / "copy")
    assert taken.commit == head.stdout.strip()
    assert names(taken.root) == {"app.py"}
    subprocess.run([*git, "pack-refs", "--all"], check=True)
    assert take_directory(source, tmp_path / "again").commit == head.stdout.strip()


def test_a_git_file_that_points_elsewhere_is_not_followed(source: Path, tmp_path: Path) -> None:
    """A `.git` that is a file or a link gives no commit."""
    (source / ".git").write_text("gitdir: /somewhere/else\n")
    assert take_directory(source, tmp_path / "copy").commit is None


def test_bad_sources_are_named(tmp_path: Path) -> None:
    """Nothing there, a file, an empty folder: each has its sentence."""
    with pytest.raises(SourceError, match="There is nothing at"):
        take_directory(tmp_path / "none", tmp_path / "a")
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match="is a file; name the folder"):
        take_directory(tmp_path / "file", tmp_path / "b")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="holds no files"):
        take_directory(tmp_path / "empty", tmp_path / "c")


@pytest.mark.parametrize(
    ("limit", "value", "why"),
    [
        ("MAX_FILES", 2, "more than 2 files"),
        ("MAX_BYTES", 10, "more than"),
        ("MAX_DEPTH", 1, "deep"),
    ],
)
def test_more_than_any_answer_is_rejected(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, why: str
) -> None:
    """Files, bytes and depth are capped."""
    monkeypatch.setattr(directory, limit, value)
    (source / "a" / "b").mkdir(parents=True)
    for name in ("x.txt", "a/y.txt", "a/b/z.txt"):
        (source / name).write_text("0123456789")
    with pytest.raises(SubmissionRejected, match=why):
        take_directory(source, tmp_path / "copy")


def test_links_that_lead_outside_together_stay_behind(source: Path, tmp_path: Path) -> None:
    """Each looks harmless by itself: `a/up -> ..`, and `out -> a/up/../../..`."""
    (source / "a").mkdir()
    (source / "a" / "up").symlink_to("..")
    (source / "out").symlink_to("a/up/../..")
    taken = take_directory(source, tmp_path / "copy")
    assert names(taken.root) == {"app.py", "a", "a/up"}
    assert taken.notes == ("out was left out: its link leads outside.",)


def test_what_may_not_be_read_is_named(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rights are the source's fault; a full disk is ours, and no matter of the source."""

    def fail(number: int) -> None:
        def scan(folder: Path) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("grader.submission.directory.os.scandir", scan)

    fail(errno.EACCES)
    (tmp_path / "a").mkdir()
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        take(source, tmp_path / "a")
    fail(errno.ENOSPC)
    (tmp_path / "b").mkdir()
    with pytest.raises(OSError, match="No space left"):
        take(source, tmp_path / "b")
