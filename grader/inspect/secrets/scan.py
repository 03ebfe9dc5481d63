"""Scans: a folder, or files of history and of image layers. Nothing of them is executed."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from grader.inspect.files import is_file
from grader.inspect.secrets.advice import advice, used_for
from grader.inspect.secrets.allowance import Allowance
from grader.inspect.secrets.archives import cut
from grader.inspect.secrets.file_roles import INSTALLED
from grader.inspect.secrets.finding import (
    Blob,
    Finding,
    Hit,
    Readable,
    Scan,
    Skipped,
    Wanted,
    preview,
)
from grader.inspect.secrets.follow import followed
from grader.inspect.secrets.reading import read_all
from grader.text import clean, clip

MAX_FILE = 8 * 1024 * 1024
"""Bytes of one file that are read."""
MAX_FILES = 50_000
MAX_TOTAL = 512 * 1024 * 1024
MAX_DEPTH = 128
"""Folders within folders."""
MAX_FINDINGS = 1000
MAX_SKIPPED = 2000
SALT = secrets.token_bytes(32)
"""New in each process, so that a mark tells nobody anything about a value."""


def scan_tree(
    root: Path, *, leave_out: Collection[str] = (), cancel: threading.Event | None = None
) -> Scan:
    """Return what stands in the files under `root`; `.git` and links are left out.

    `leave_out` are paths that are not handed in, such as an ignored `.env`; a folder ends in `/`.
    All files share one budget; what lies beyond it is named. Raises `Cancelled` once `cancel` is
    set.
    """
    collector = _Collector(cancel=cancel)
    collector.read(_files(root, frozenset(leave_out), collector.seen))
    for inner, hit in followed(root, collector.wanted, frozenset(leave_out)):
        collector.keep(inner, hit, None)
    return collector.scan()


def scan_blobs(
    blobs: Iterable[Readable],
    *,
    known: Scan | None = None,
    cancel: threading.Event | None = None,
) -> Scan:
    """Return what stands in `blobs`, each content read once.

    What `known` has found already, at the same path, is not told again. All share one budget;
    what lies beyond it is named. Raises `Cancelled` once `cancel` is set.
    """
    collector = _Collector(known.marks if known else frozenset(), cancel=cancel)
    collector.read(_new(blobs, known.seen if known else frozenset(), collector))
    return collector.scan()


def _new(
    blobs: Iterable[Readable], known: frozenset[bytes], collector: _Collector
) -> Iterator[Blob | Skipped]:
    """Yield those of `blobs` that are not known; `collector` counts the others."""
    for blob in blobs:
        path, content, commit = blob.path, blob.content, blob.commit
        if known and _mark(path.encode("utf-8", "surrogatepass"), content) in known:
            collector.files += 1  # it is in the tree as it is
            continue
        if INSTALLED.intersection(path.split("/")):
            continue
        if len(content) > MAX_FILE:
            yield replace(cut(path, content, MAX_FILE), commit=commit)
        yield Blob(path=path, content=content[:MAX_FILE], commit=commit)


def _files(root: Path, leave_out: frozenset[str], seen: set[bytes]) -> Iterator[Blob | Skipped]:
    """Yield the files under `root` and what is not read; `seen` gets what tells each again."""
    files = total = 0
    for path in _paths(root, leave_out):
        if isinstance(path, Skipped):
            yield path
            continue
        if files >= MAX_FILES or total > MAX_TOTAL:
            yield _end(path, f"{MAX_FILES} files or {MAX_TOTAL >> 20} MiB were read")
            return
        if not is_file(root, path):
            yield Skipped(path=path, reason="it is a link or no regular file")
            continue
        raw, size = _read(root / path)
        total += len(raw)
        if size < 0:
            yield Skipped(path=path, reason="it cannot be opened", unread=True)
            continue
        if size > len(raw):
            yield cut(path, raw, MAX_FILE)
        seen.add(_mark(path.encode("utf-8", "surrogateescape"), raw))
        files += 1
        yield Blob(path=path, content=raw)


def _paths(root: Path, leave_out: frozenset[str]) -> Iterator[str | Skipped]:
    for folder, folders, names in os.walk(root, followlinks=False):
        inner = "" if Path(folder) == root else Path(folder).relative_to(root).as_posix() + "/"
        if folders and inner.count("/") >= MAX_DEPTH:
            reason = f"folders are nested more than {MAX_DEPTH} deep"
            yield Skipped(path=f"{inner}{folders[0]}/", reason=reason, unread=True)
            folders.clear()
        for name in sorted(folders):
            if name == ".git" or f"{inner}{name}/" in leave_out:
                folders.remove(name)
            elif name in INSTALLED:
                folders.remove(name)
                yield Skipped(path=f"{inner}{name}/", reason="installed packages are not read")
        folders.sort()
        for name in sorted(names):
            path = f"{inner}{name}"
            if path in leave_out:
                yield Skipped(path=path, reason="git ignores it and it is not committed")
            elif path != ".git":
                yield path


def _end(path: str, why: str) -> Skipped:
    """Return the note that `path` and all that follows it is not looked at, because `why`."""
    reason = f"{why}; what follows in it, and all files after it, were not looked at"
    return Skipped(path=path, reason=reason, unread=True, ends=True)


def _read(path: Path) -> tuple[bytes, int]:
    """Return the beginning of a regular file, and its size, -1 where it cannot be opened.

    It is opened without following.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b"", -1
    with os.fdopen(descriptor, "rb") as reader:
        size = os.fstat(descriptor).st_size
        return reader.read(min(size + 1, MAX_FILE)), size


class _Collector:
    """Gathers the findings of one scan."""

    def __init__(
        self, known: frozenset[bytes] = frozenset(), *, cancel: threading.Event | None = None
    ) -> None:
        self.files = 0
        self._allowance = Allowance(cancel=cancel)
        self.seen: set[bytes] = set()
        self.wanted: list[Wanted] = []
        self._known = known
        self._marks: set[bytes] = set()
        self._findings: list[Finding] = []
        self._skipped: list[Skipped] = []
        self._unread: list[Skipped] = []

    def read(self, entries: Iterable[Blob | Skipped]) -> None:
        """Read files and keep what they hold, until the scan may spend no more."""
        for one in read_all(entries, self._allowance):
            if isinstance(one, Skipped):
                self._add(one)
                continue
            self.files += 1
            for found in one.found:
                match found:
                    case Skipped():
                        self._add(replace(found, commit=one.commit))
                    case Wanted():
                        self.wanted.append(found)
                    case (inner, Hit() as hit):
                        self.keep(inner, hit, one.commit)
            if one.exhausted:
                self._add(_end(one.path, one.exhausted))
                return

    def _add(self, one: Skipped) -> None:
        """Note what is not read, or not whole."""
        kept = self._unread if one.unread else self._skipped
        if len(kept) < MAX_SKIPPED:
            kept.append(replace(one, path=_shown(one.path)))

    def keep(self, path: str, hit: Hit, commit: str | None) -> None:
        """Keep one hit in the file at `path`, unless it is known."""
        value = f"{hit.name}\0{hit.value}".encode("utf-8", "surrogatepass")
        mark = _mark(path.encode("utf-8", "surrogatepass"), value)
        if mark in self._known or (commit is not None and mark in self._marks):
            return
        self._marks.add(mark)
        if len(self._findings) >= MAX_FINDINGS:
            return
        why, fix = advice(hit, committed=commit is not None)
        self._findings.append(
            Finding(
                rule=hit.rule,
                severity=hit.severity,
                path=_shown(path),
                line=hit.line,
                commit=commit,
                why=why,
                fix=fix,
                preview=preview(hit),
                used_for=used_for(hit),
                sure=hit.sure,
            )
        )

    def scan(self) -> Scan:
        if len(self._findings) >= MAX_FINDINGS:
            reason = f"there are more than {MAX_FINDINGS} findings; the rest is not listed"
            self._add(Skipped(path="", reason=reason))
        certain = {_spot(one) for one in self._findings if one.sure}
        return Scan(
            findings=tuple(one for one in self._findings if one.sure or _spot(one) not in certain),
            skipped=(*self._unread, *self._skipped),
            files=self.files,
            marks=frozenset(self._marks),
            seen=frozenset(self.seen),
        )


def _spot(one: Finding) -> tuple[str, int, str | None, str]:
    """Return what a hint has in common with the finding that says that it is used."""
    return one.path, one.line, one.commit, one.preview


def _mark(path: bytes, content: bytes) -> bytes:
    digest = hashlib.blake2b(path, key=SALT, digest_size=16)
    digest.update(b"\0")
    digest.update(content)
    return digest.digest()


def _shown(path: str) -> str:
    return clip(clean(path).replace("\n", "?"), 300)
