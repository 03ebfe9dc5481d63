"""The grader takes what honest people pack as it takes a folder."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from grader.errors import SubmissionRejected
from tests.unit.submission.packing import (
    KINDS,
    Taker,
    a_member,
    git,
    names,
    write_packed,
    write_tar,
    write_zip,
)


def packed(folder: Path, target: Path) -> Path:
    """`folder` as the usual programs pack it."""
    if target.suffix == ".zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder.parent))
        return target
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        tar.add(folder, folder.name)
    return write_packed(target, plain.getvalue())


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    """A repository with one commit, an executable file and a folder."""
    folder = tmp_path / "answer"
    (folder / "app").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM python:3.11\n")
    (folder / "app" / "größe.py").write_text("print(1)\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "work")
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_is_taken_as_its_folder_is(
    kind: str, answer: Path, tmp_path: Path, taken: Taker
) -> None:
    """Its single top folder is looked through; digest and commit are those of the folder."""
    plain = taken(answer)
    found = taken(packed(answer, tmp_path / f"answer{kind}"))
    assert names(found.root) == {"Dockerfile", "app", "app/größe.py", "run.sh"}
    assert (found.digest, found.commit) == (plain.digest, plain.commit)
    assert found.commit == git(answer, "rev-parse", "HEAD")
    assert (found.repository / ".git" / "HEAD").is_file()
    assert found.origin == str(tmp_path / f"answer{kind}")
    assert os.access(found.root / "run.sh", os.X_OK)


def test_what_macos_packs_alongside_it_does_not_count(tmp_path: Path, taken: Taker) -> None:
    """One folder and __MACOSX is one folder."""
    members = [("repo/Dockerfile", b"FROM x"), ("__MACOSX/repo/._Dockerfile", b"x")]
    assert names(taken(write_zip(tmp_path / "a.zip", *members)).root) == {"Dockerfile"}


def test_two_things_at_the_top_are_the_top(tmp_path: Path, taken: Taker) -> None:
    """Nothing is looked through where there is a choice."""
    found = taken(write_zip(tmp_path / "a.zip", ("app/a.py", b"x"), ("Dockerfile", b"x")))
    assert names(found.root) == {"Dockerfile", "app", "app/a.py"}


def test_backslashes_of_windows_part_a_path(tmp_path: Path, taken: Taker) -> None:
    """Old programs write them; a way out is seen behind them, too."""
    for name, inside in ((r"repo\app\a.py", True), (r"repo\..\..\a.py", False)):
        path = write_zip(tmp_path / "a.zip", (name, b"x"))
        path.write_bytes(path.read_bytes().replace(b"\x14\x03\x14", b"\x14\x00\x14"))
        if inside:
            assert names(taken(path).root) == {"app", "app/a.py"}
        else:
            with pytest.raises(SubmissionRejected, match="leads out of it"):
                taken(path)


@pytest.mark.parametrize("name", ["-rf", "new\nline", "a b", "\x1b[31mred", "*", "~", "%s"])
def test_odd_names_are_only_names(name: str, tmp_path: Path, taken: Taker) -> None:
    """They are kept as they are; messages clean them."""
    archive = write_tar(tmp_path / "a.tar", (a_member(name), b"x"), (a_member("app.py"), b"y"))
    assert names(taken(archive).root) == {name, "app.py"}


def test_a_name_that_is_not_utf_8_is_kept(tmp_path: Path, taken: Taker) -> None:
    """As bytes."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(a_member("caf\udce9.py"))
        archive.addfile(a_member("app.py"))
    root = taken(write_packed(tmp_path / "a.tar", plain.getvalue())).root
    assert {os.fsencode(path.name) for path in root.iterdir()} == {b"app.py", b"caf\xe9.py"}


def test_names_that_differ_in_case_do_not_overwrite_each_other(
    tmp_path: Path, taken: Taker
) -> None:
    """Both are kept where the file system tells them apart."""
    archive = write_zip(tmp_path / "a.zip", ("a.py", b"x"), ("A.py", b"yy"))
    assert {path.name: path.read_bytes() for path in taken(archive).root.iterdir()} == {
        "a.py": b"x",
        "A.py": b"yy",
    }


def test_a_link_is_kept_or_left_out_as_in_a_folder(tmp_path: Path, taken: Taker) -> None:
    """A venv's link to the system's Python costs nothing; nothing is read through it."""
    found = taken(
        write_tar(
            tmp_path / "a.tgz",
            a_member("main.py", tarfile.SYMTYPE, linkname="app.py"),
            a_member("venv/bin/python", tarfile.SYMTYPE, linkname="/usr/bin/python3"),
            (a_member("app.py"), b"x"),
        )
    )
    assert names(found.root) == {"app.py", "main.py", "venv", "venv/bin"}
    assert found.notes == ("venv/bin/python was left out: its link leads outside.",)


def test_a_zipped_link_is_a_link(tmp_path: Path, taken: Taker) -> None:
    """And not a file that holds its aim, as `zipfile` would have it."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("main.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "app.py")
        archive.writestr("app.py", "x")
    assert (taken(path).root / "main.py").readlink() == Path("app.py")


def test_a_hard_link_inside_is_a_copy(tmp_path: Path, taken: Taker) -> None:
    """As `tar` packs a file that has two names."""
    found = taken(
        write_tar(
            tmp_path / "a.tar",
            (a_member("a.py", mode=0o755), b"x"),
            a_member("d/b.py", tarfile.LNKTYPE, linkname="a.py"),
        )
    )
    assert (found.root / "d" / "b.py").read_bytes() == b"x"


def test_a_git_of_an_archive_is_data(answer: Path, tmp_path: Path, taken: Taker) -> None:
    """Its hooks and configuration come along for the history, and are never the snapshot's."""
    found = taken(packed(answer, tmp_path / "answer.zip"))
    assert not (found.root / ".git").exists()
    assert not os.access(found.repository / ".git" / "config", os.X_OK)
