"""Scans: a folder, or files of history and of image layers. Nothing of them is executed."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from grader.inspect.files import is_file
from grader.inspect.secrets.advice import advice, used_for
from grader.inspect.secrets.archives import Budget
from grader.inspect.secrets.examine import examine
from grader.inspect.secrets.finding import (
    Finding,
    Hit,
    Readable,
    Scan,
    Skipped,
    Wanted,
    preview,
)
from grader.inspect.secrets.follow import followed
from grader.inspect.secrets.places import INSTALLED
from grader.text import clean, clip

MAX_FILE = 8 * 1024 * 1024
"""Bytes of one file that are read."""
MAX_FILES = 50_000
MAX_TOTAL = 512 * 1024 * 1024
MAX_FINDINGS = 1000
MAX_SKIPPED = 2000
SALT = secrets.token_bytes(32)
"""New in each process, so that a mark tells nobody anything about a value."""


def scan_tree(root: Path, *, leave_out: Collection[str] = ()) -> Scan:
    """What stands in the files under `root`; `.git` and links are left out.

    `leave_out` are paths that are not handed in, such as an ignored `.env`; a folder ends in `/`.
    """
    collector = _Collector()
    total = 0
    for path in _paths(root, frozenset(leave_out), collector):
        if collector.files >= MAX_FILES or total > MAX_TOTAL:
            collector.skip(
                path, "the repository is larger than is scanned; this and the rest is not"
            )
            break
        if not is_file(root, path):
            collector.skip(path, "it is a link or no regular file")
            continue
        raw, size = _read(root / path)
        total += len(raw)
        if size > len(raw):
            collector.skip(path, f"only its first {MAX_FILE >> 20} MiB were read")
        collector.seen.add(_mark(path.encode("utf-8", "surrogateescape"), raw))
        collector.take(path, raw, None)
    for inner, hit in followed(root, collector.wanted, frozenset(leave_out)):
        collector.keep(inner, hit, None)
    return collector.scan()


def scan_blobs(blobs: Iterable[Readable], *, beside: Scan | None = None) -> Scan:
    """What stands in `blobs`, each content read once.

    What `beside` has found already, at the same path, is not told again.
    """
    collector = _Collector(beside.marks if beside else frozenset())
    known = beside.seen if beside else frozenset()
    for blob in blobs:
        if known and _mark(blob.path.encode("utf-8", "surrogatepass"), blob.content) in known:
            collector.files += 1  # it is in the tree as it is
            continue
        if len(blob.content) > MAX_FILE:
            collector.skip(blob.path, f"only its first {MAX_FILE >> 20} MiB were read", blob.commit)
        if not INSTALLED.intersection(blob.path.split("/")):
            collector.take(blob.path, blob.content[:MAX_FILE], blob.commit)
    return collector.scan()


def _paths(root: Path, leave_out: frozenset[str], collector: _Collector) -> Iterator[str]:
    for folder, folders, names in os.walk(root, followlinks=False):
        inner = "" if Path(folder) == root else Path(folder).relative_to(root).as_posix() + "/"
        for name in sorted(folders):
            if name == ".git" or f"{inner}{name}/" in leave_out:
                folders.remove(name)
            elif name in INSTALLED:
                folders.remove(name)
                collector.skip(f"{inner}{name}/", "installed packages are not read")
        folders.sort()
        for name in sorted(names):
            path = f"{inner}{name}"
            if path in leave_out:
                collector.skip(path, "git ignores it and it is not committed")
            elif path != ".git":
                yield path


def _read(path: Path) -> tuple[bytes, int]:
    """The beginning of a regular file, and its size; opened without following."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b"", 1
    with os.fdopen(descriptor, "rb") as reader:
        size = os.fstat(descriptor).st_size
        return reader.read(min(size + 1, MAX_FILE)), size


class _Collector:
    """Gathers the findings of one scan."""

    def __init__(self, known: frozenset[bytes] = frozenset()) -> None:
        self.files = 0
        self.seen: set[bytes] = set()
        self.wanted: list[Wanted] = []
        self._known = known
        self._marks: set[bytes] = set()
        self._findings: list[Finding] = []
        self._skipped: list[Skipped] = []

    def skip(self, path: str, reason: str, commit: str | None = None) -> None:
        if len(self._skipped) < MAX_SKIPPED:
            self._skipped.append(Skipped(path=_shown(path), reason=reason, commit=commit))

    def take(self, path: str, raw: bytes, commit: str | None) -> None:
        """Read one file and keep what it holds."""
        self.files += 1
        for found in examine(path, raw, Budget()):
            match found:
                case Skipped():
                    self.skip(found.path, found.reason, commit)
                case Wanted():
                    self.wanted.append(found)
                case (inner, Hit() as hit):
                    self.keep(inner, hit, commit)

    def keep(self, path: str, hit: Hit, commit: str | None) -> None:
        """Keep one hit in the file at `path`, unless it is known."""
        value = f"{hit.name}\0{hit.value}".encode("utf-8", "surrogatepass")
        mark = _mark(path.encode("utf-8", "surrogatepass"), value)
        if mark in self._known or (commit is not None and mark in self._marks):
            return
        self._marks.add(mark)
        if len(self._findings) >= MAX_FINDINGS:
            return
        why, mend = advice(hit, committed=commit is not None)
        self._findings.append(
            Finding(
                rule=hit.rule,
                severity=hit.severity,
                path=_shown(path),
                line=hit.line,
                commit=commit,
                why=why,
                mend=mend,
                preview=preview(hit),
                used_for=used_for(hit),
                sure=hit.sure,
            )
        )

    def scan(self) -> Scan:
        if len(self._findings) >= MAX_FINDINGS:
            self.skip("", f"there are more than {MAX_FINDINGS} findings; the rest is not listed")
        return Scan(
            findings=tuple(self._findings),
            skipped=tuple(self._skipped),
            files=self.files,
            marks=frozenset(self._marks),
            seen=frozenset(self.seen),
        )


def _mark(path: bytes, content: bytes) -> bytes:
    digest = hashlib.blake2b(path, key=SALT, digest_size=16)
    digest.update(b"\0")
    digest.update(content)
    return digest.digest()


def _shown(path: str) -> str:
    return clip(clean(path).replace("\n", "?"), 300)
