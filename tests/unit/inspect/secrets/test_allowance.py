"""One budget for a whole scan: what lies beyond it is named, and has not passed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from grader.errors import Cancelled
from grader.inspect.secrets import Blob, Scan, scan_blobs, scan_tree
from grader.inspect.secrets import allowance as allowances
from grader.inspect.secrets import scan as scans
from grader.inspect.secrets.criteria import check_history, check_tree
from grader.model import Outcome

SECRET = b'app.secret_key = "Kestrel_vino77"\n'
HARMLESS = b"".join(b"value_%d = call(key=%d)\n" % (number, number) for number in range(300))
BOUND = 2.0
"""Seconds of the processor's time that no scan below may take."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than half a second for a scan."""
    monkeypatch.setattr(allowances, "SECONDS", 0.4)


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(name: str, content: bytes, kind: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=kind) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def timed(work: Callable[[], Scan]) -> Scan:
    begun = time.thread_time()
    scan = work()
    assert time.thread_time() - begun < BOUND
    return scan


@pytest.mark.slow
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "archive",
    [
        lambda: zipped(*((f"m{number}.py", HARMLESS) for number in range(4))),
        lambda: zipped(("inner.zip", zipped(("m.py", HARMLESS)))),
        lambda: gzip.compress(HARMLESS),
        lambda: bz2.compress(HARMLESS),
        lambda: lzma.compress(HARMLESS),
        lambda: tarred("m.py", HARMLESS),
        lambda: tarred("m.py", HARMLESS, "w:gz"),
    ],
    ids=["zip", "zip in zip", "gz", "bz2", "xz", "tar", "tar.gz"],
)
def test_thousands_of_small_archives_share_one_budget(archive: Callable[[], bytes]) -> None:
    """3,000 of them end soon, are named as not looked at, and have not passed."""
    content = archive()
    blobs = [Blob(path=f"a{number}.bin", content=content) for number in range(3000)]
    result = check_tree(timed(lambda: scan_blobs(blobs)))
    assert result.outcome is Outcome.NOT_REACHED
    assert "not looked at" in result.rationale


@pytest.mark.usefixtures("small")
@pytest.mark.slow
def test_what_was_found_before_the_end_is_lost_with_nothing_kept() -> None:
    """Half of the points are no reward for a budget that ran out."""
    blobs = [Blob(path="config.py", content=SECRET)]
    blobs += [Blob(path=f"m{number}.py", content=HARMLESS) for number in range(3000)]
    result = check_tree(timed(lambda: scan_blobs(blobs)))
    assert (result.outcome, result.kept) == (Outcome.FAILED, Fraction(0))
    assert "config.py:1" in result.rationale
    assert "not looked at" in result.evidence


@pytest.mark.slow
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "bomb",
    [
        lambda: bz2.compress(b"") * 500_000,
        lambda: gzip.compress(b"") * 300_000,
        lambda: lzma.compress(b"") * 200_000,
        lambda: tarred("d/", b"") * 1,
        lambda: gzip.compress(b"".join(tarfile.TarInfo(f"d{n}").tobuf() for n in range(60_000))),
        lambda: zipped(
            *((f"d{number}/", b"") for number in range(60_000)), method=zipfile.ZIP_STORED
        ),
    ],
    ids=["bz2 streams", "gz members", "xz streams", "tar folder", "tar headers", "zip folders"],
)
def test_no_archive_takes_long_by_itself(bomb: Callable[[], bytes]) -> None:
    """Empty streams and members one after the other are work, too."""
    content = bomb()
    blobs = [Blob(path=f"a{number}.bin", content=content) for number in range(20)]
    timed(lambda: scan_blobs(blobs))


def test_all_archives_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """In bytes and in members, whatever each of them holds."""
    one = zipped(*((f"{number}.csv", b"x") for number in range(100)))
    monkeypatch.setattr(allowances, "MAX_MEMBERS", 250)
    scan = scan_blobs([Blob(path=f"{number}.zip", content=one) for number in range(5)])
    (last,) = scan.unread
    assert last.path == "2.zip"
    assert "all archives together" in last.reason


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("x.zip", b"PK\3\4 nonsense", "cannot be read"),
        ("x.7z", b"7z\xbc\xaf\x27\x1c" + bytes(99), "7z"),
        ("x.py", b"value = 1\n" * 900_000, "only its first 8 MiB"),
        ("x.gz", gzip.compress(b"value = 1\n" * 300_000), "only its first 2 MiB"),
        ("x.zip", zipped(("a.zip", zipped(("b.zip", zipped(("c.zip", zipped(("d", b"")))))))),
         "nested more than 3 deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_at_has_not_passed(path: str, content: bytes, reason: str) -> None:
    """Neither in the tree nor in the history; the sentence names it."""
    scan = scan_blobs([Blob(path=path, content=content, commit="c" * 40)])
    for result in (check_tree(scan), check_history(scan)):
        assert result.outcome is Outcome.NOT_REACHED
        assert reason in result.rationale
        assert path in result.rationale


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("logo.png", b"\x89PNG" + bytes(9_000_000)),
        ("prices.csv", b"name,price\n" * 900_000),
        ("notes.txt", b"BZhello, this is text\n"),
        ("data.bin", bytes(range(256)) * 40_000),
    ],
)
def test_data_of_any_size_costs_nothing(path: str, content: bytes) -> None:
    """Pictures, tables and binary files are no place that a program takes a secret from."""
    assert check_tree(scan_blobs([Blob(path=path, content=content)])).outcome is Outcome.PASSED


def test_deep_folders_end_at_a_bound(tmp_path: Path) -> None:
    """A folder in a folder in a folder … is neither an error of ours nor passed."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(200):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    assert "nested more than" in check_tree(scan_tree(tmp_path)).rationale


def test_a_scan_ends_with_the_run() -> None:
    """Ctrl-C does not wait for three thousand archives."""
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        scan_blobs([Blob(path="a.py", content=SECRET)], cancel=cancel)


def test_too_many_files_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first file that was not looked at, and that others follow."""
    monkeypatch.setattr(scans, "MAX_FILES", 2)
    for name in "abcd":
        (tmp_path / f"{name}.py").write_text("x = 1\n")
    result = check_tree(scan_tree(tmp_path))
    assert result.outcome is Outcome.NOT_REACHED
    assert "c.py" in result.rationale
