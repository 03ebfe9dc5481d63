"""The grader names and refuses archives that attack, and gives no score for unreadable ones.

Each attack is made here, as the program of an attacker would make it.
"""

from __future__ import annotations

import gzip
import os
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.errors import SourceError, SubmissionRejected
from grader.submission import archive as archives
from grader.submission import tar_archive, unpack
from tests.unit.submission.packing import (
    KINDS,
    Taker,
    a_member,
    names,
    write_packed,
    write_tar,
    write_zip,
)


def write_through(link: str, member: str, *, before: bool) -> list[Any]:
    """A link and a member below it, in either order."""
    made = [a_member(link, tarfile.SYMTYPE, linkname="/tmp"), (a_member(member), b"x")]
    return made if before else made[::-1]


TARS: dict[str, tuple[list[Any], str]] = {
    "parent": ([(a_member("../x"), b"x")], "leads out of it"),
    "parent-within": ([(a_member("a/../../x"), b"x")], "leads out of it"),
    "absolute": ([(a_member("/tmp/x"), b"x")], "has an absolute path"),
    "drive": ([(a_member("C:\\x"), b"x")], "has an absolute path"),
    "through-link": (write_through("a", "a/x", before=True), "through its own link 'a'"),
    "through-later-link": (write_through("a", "a/x", before=False), "through its own link 'a'"),
    "link-over-link": (
        [a_member("a", tarfile.SYMTYPE, linkname="b"),
         a_member("a/c", tarfile.SYMTYPE, linkname="x"), (a_member("b/x"), b"x")],
        "through its own link 'a'",
    ),
    "hard-link-outside": ([a_member("x", tarfile.LNKTYPE, linkname="/etc/passwd")], "absolute"),
    "hard-link-up": ([a_member("x", tarfile.LNKTYPE, linkname="../x")], "leads out of it"),
    "hard-link-to-nothing": (
        [a_member("x", tarfile.LNKTYPE, linkname="y")], "which it does not hold",
    ),
    "hard-link-to-a-link": (
        [a_member("l", tarfile.SYMTYPE, linkname="/etc/passwd"),
         a_member("x", tarfile.LNKTYPE, linkname="l")],
        "which it does not hold",
    ),
    "fifo": ([a_member("x", tarfile.FIFOTYPE)], "is a pipe or a device"),
    "device": ([a_member("x", tarfile.CHRTYPE, devmajor=1, devminor=5)], "is a pipe or a device"),
    "block": ([a_member("x", tarfile.BLKTYPE, devmajor=8)], "is a pipe or a device"),
    "twice": ([(a_member("x"), b"1"), (a_member("x"), b"2")], "holds 'x' twice"),
    "file-and-folder": ([(a_member("x"), b"1"), (a_member("x/y"), b"2")], "holds 'x' twice"),
    "deep": ([(a_member("d/" * 70 + "x"), b"x")], "nested more than 64 deep"),
    "long-name": ([(a_member("x" * 300), b"x")], "is no name that a file can have"),
    "long-path": (
        [(a_member("/".join(["x" * 200] * 20)), b"x")], "is no name that a file can have",
    ),
    "nameless-link": ([a_member("x", tarfile.SYMTYPE, linkname="")], "is a link to nowhere"),
    "long-link": (
        [a_member("x", tarfile.SYMTYPE, linkname="y" * 5000)], "is a link to nowhere",
    ),
    "terminal": ([(a_member("../\x1b]0;owned\x07x"), b"x")], "'../x' leads out"),
}  # fmt: skip


@pytest.mark.parametrize("attack", TARS)
def test_a_hostile_tar_is_refused(attack: str, tmp_path: Path, taken: Taker) -> None:
    """With its reason; nothing is written outside of the run's folder."""
    members, why = TARS[attack]
    archive = write_tar(tmp_path / "a.tar.gz", *members)
    before = set(tmp_path.iterdir())
    with pytest.raises(SubmissionRejected, match=why) as caught:
        taken(archive)
    assert set(tmp_path.iterdir()) - before == {tmp_path / "run-0"}
    assert names(tmp_path / "run-0") <= {"handed-in", *(f"handed-in/{one}" for one in
                                         ("a", "x", "l", "a/x", "b", "b/x"))}  # fmt: skip
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "why"),
    [("../x", "leads out of it"), ("/tmp/x", "absolute path"), ("a/../../x", "leads out of it"),
     ("x" * 300, "is no name"), ("d/" * 70 + "x", "nested more than 64 deep")],
)  # fmt: skip
def test_a_hostile_zip_is_refused(name: str, why: str, tmp_path: Path, taken: Taker) -> None:
    """`zipfile` would unpack each of these to somewhere else, in silence."""
    with pytest.raises(SubmissionRejected, match=why):
        taken(write_zip(tmp_path / "a.zip", (name, b"x")))


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_a_zipped_device_is_refused(kind: int, tmp_path: Path, taken: Taker) -> None:
    """Whatever its content."""
    with pytest.raises(SubmissionRejected, match="is a pipe or a device"):
        taken(write_zip(tmp_path / "a.zip", ("x", b""), mode=kind | 0o644))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_name_twice_is_refused(tmp_path: Path, taken: Taker) -> None:
    """Programs differ in which of the two they take."""
    with pytest.raises(SubmissionRejected, match="holds 'x' twice"):
        taken(write_zip(tmp_path / "a.zip", ("x", b"1"), ("x", b"2")))


def test_a_name_that_ends_early_is_refused(tmp_path: Path, taken: Taker) -> None:
    """A NUL hides what follows it."""
    path = write_zip(tmp_path / "a.zip", ("a.pyX../x", b"1"))
    path.write_bytes(path.read_bytes().replace(b"a.pyX", b"a.py\0"))
    with pytest.raises(SubmissionRejected, match="is no name that a file can have"):
        taken(path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_a_bomb_is_stopped_at_its_cap(
    kind: str, tmp_path: Path, taken: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its ratio where it is packed, by its bytes where it is not."""
    monkeypatch.setattr(unpack, "FREE", 1 << 20)
    monkeypatch.setattr(unpack, "MAX_BYTES", 8 << 20)
    path, zeros = tmp_path / f"a{kind}", b"\0" * (9 << 20)
    if kind == ".zip":
        write_zip(path, ("a", zeros))
    else:
        write_tar(path, (a_member("a"), zeros))
    if kind not in {".zip", ".tar"}:
        monkeypatch.setattr(tar_archive, "_unpack", None)  # it is stopped before that
    why = "more than 8 MiB" if kind == ".tar" else "100 times its size"
    with pytest.raises(SubmissionRejected, match=why):
        taken(path)
    written = sum(one.stat().st_size for one in (tmp_path / "run-0").rglob("*") if one.is_file())
    assert written <= 9 << 20
    assert not (tmp_path / "run-0" / "handed-in.tar").exists()


def test_hard_links_do_not_multiply_unseen(
    tmp_path: Path, taken: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each copy counts."""
    monkeypatch.setattr(unpack, "MAX_BYTES", 4 << 20)
    links = [a_member(f"l{number}", tarfile.LNKTYPE, linkname="a") for number in range(9)]
    with pytest.raises(SubmissionRejected, match="more than 4 MiB"):
        taken(write_tar(tmp_path / "a.tar", (a_member("a"), b"x" * (1 << 20)), *links))


def test_members_that_overlap_are_refused(tmp_path: Path, taken: Taker) -> None:
    """Two entries of the directory, one body."""
    path = write_zip(tmp_path / "a.zip", ("aaaa", b"x" * 4096), ("bbbb", b"x" * 4096))
    raw = bytearray(path.read_bytes())
    second = raw.rindex(b"PK\1\2")
    raw[second + 42 : second + 46] = struct.pack("<L", 0)
    path.write_bytes(raw)
    with pytest.raises(SubmissionRejected, match="its members overlap"):
        taken(path)


@pytest.mark.parametrize("kind", [".zip", ".tar"])
def test_a_million_members_are_refused_early(
    kind: str, tmp_path: Path, taken: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a ZIP before its directory is read."""
    monkeypatch.setattr(unpack, "MAX_MEMBERS", 20)
    monkeypatch.setattr("grader.submission.zip_archive.MAX_MEMBERS", 20)
    if kind == ".zip":
        path = write_zip(tmp_path / "a.zip", *[(f"{number}/", b"") for number in range(21)])
        monkeypatch.setattr(zipfile, "ZipFile", None)
    else:
        path = write_tar(tmp_path / "a.tar", *[a_member(f"{one}") for one in range(21)])
    with pytest.raises(SubmissionRejected, match="more than 20 files and folders"):
        taken(path)


def test_folders_that_are_only_implied_count(
    tmp_path: Path, taken: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few members can make very many of them."""
    monkeypatch.setattr(unpack, "MAX_MEMBERS", 100)
    members = [(a_member(f"{one}/" + "d/" * 60 + "x"), b"x") for one in range(3)]
    with pytest.raises(SubmissionRejected, match="more than 100 folders"):
        taken(write_tar(tmp_path / "a.tar", *members))


def test_an_archive_within_stays_one(tmp_path: Path, taken: Taker) -> None:
    """A bomb of bombs is a small file."""
    inner = gzip.compress(b"\0" * (1 << 20))
    found = taken(write_zip(tmp_path / "a.zip", ("a.gz", inner), ("app.py", b"x")))
    assert (found.root / "a.gz").read_bytes() == inner


def test_a_header_that_asks_for_gigabytes_is_refused(tmp_path: Path, taken: Taker) -> None:
    """A pax header is read into memory whole, by `tarfile`."""
    header = a_member("x", tarfile.XHDTYPE)
    header.size = 8 << 20
    plain = header.tobuf(tarfile.GNU_FORMAT) + b"\0" * (8 << 20)
    with pytest.raises(SubmissionRejected, match="a header of no plausible length"):
        taken(write_packed(tmp_path / "a.tar", plain))


def test_a_header_of_a_negative_length_does_not_hang(tmp_path: Path, taken: Taker) -> None:
    """It leads back to itself for ever: CVE-2025-8194."""
    header = a_member("x")
    header.size = -512
    plain = header.tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024
    with pytest.raises((SubmissionRejected, SourceError), match=r"lead back|is damaged"):
        taken(write_packed(tmp_path / "a.tar", plain))


def test_a_chain_of_headers_does_not_exhaust_the_stack(tmp_path: Path, taken: Taker) -> None:
    """Each long name leads `tarfile` one call deeper."""
    header = a_member("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    header.size = 1
    link = header.tobuf(tarfile.GNU_FORMAT) + b"x".ljust(512, b"\0")
    with pytest.raises(SourceError, match="is damaged"):
        taken(write_packed(tmp_path / "a.tar.gz", link * 3000))


def a_locked_zip(path: Path) -> None:
    write_zip(path, ("a", b"x"))
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.rindex(b"PK\1\2") + 8] |= 1
    path.write_bytes(raw)


def an_lzma_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", "x")


def a_cut_one(path: Path) -> None:
    write_tar(path, (a_member("a"), os.urandom(9000)))
    path.write_bytes(gzip.compress(path.read_bytes())[:-4000])


def a_zip_with_a_bad_sum(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "xxxx")
    path.write_bytes(path.read_bytes().replace(b"xxxx", b"yyyy"))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (a_locked_zip, "it is locked with a password"),
        (an_lzma_zip, "another method than deflate"),
        (a_cut_one, r"is damaged \(EOFError\)"),
        (a_zip_with_a_bad_sum, r"is damaged \(BadZipFile\)"),
        (lambda path: path.write_bytes(gzip.compress(b"no tar")), r"is damaged \(ReadError\)"),
        (lambda path: path.write_bytes(b"\x28\xb5\x2f\xfdxxxx"), r"is damaged \(ZstdError\)"),
        (lambda path: path.write_bytes(b"PK\3\4" + b"x" * 99), r"is damaged \(BadZipFile\)"),
        (lambda path: path.write_bytes(b"Rar!\x1a\x07\x01\0"), "no archive that is read"),
        (lambda path: path.write_bytes(b""), "no archive that is read"),
        (lambda path: write_zip(path, ("d/", b"")), "holds no files"),
    ],
)
def test_what_cannot_be_read_is_no_verdict(
    make: Callable[[Path], object], sentence: str, tmp_path: Path, taken: Taker
) -> None:
    """A damaged or locked archive is named as such: nobody gets a zero for it."""
    make(tmp_path / "handed in")
    with pytest.raises(SourceError, match=sentence):
        taken(tmp_path / "handed in")


def test_a_huge_archive_is_not_even_opened(
    tmp_path: Path, taken: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own size is capped."""
    monkeypatch.setattr(archives, "MAX_PACKED", 10)
    monkeypatch.setattr(archives, "unpack_zip", None)
    with pytest.raises(SubmissionRejected, match="it is larger than"):
        taken(write_zip(tmp_path / "a.zip", ("a", b"x")))
