"""Every version of every file that a submission's history holds, each content once.

All refs are read, and what `git stash` put away. The order is that of the commits, oldest first,
so that each content comes with the first commit that holds it.
"""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

from grader import process
from grader.deadline.ending import going_on
from grader.submission.history_copy import Copy, Unreadable, copy_repository

MAX_BLOB = 8 * 1024 * 1024
MAX_BLOBS = 100_000
MAX_TOTAL = 512 * 1024 * 1024
MAX_SKELETON = 16 * 1024 * 1024
"""Bytes of a commit or tree beyond which nobody made it by working."""
SECONDS = 120
BATCH = 500
"""Names sent to git at once: few enough for a pipe to hold them."""
RAW = re.compile(r":\d{6} (\d{6}) [0-9a-f]+ ([0-9a-f]+) \w+\t(.*)")
OBJECT = re.compile(r"([0-9a-f]{40,64}) (\w+)(?: (\d+))?")
PRIVATE = re.compile(
    r"(?:^|/)(?:\.env(?:\.[^/]*)?|[^/]+\.(?:env|pem|key|p12|pfx|pyc)|id_(?:rsa|ed25519|ecdsa|dsa))$"
    r"|(?:^|/)(?:venv|\.venv|env|instance|secrets|node_modules|__pycache__|\.tox|\.nox|\.idea"
    r"|\.vscode|\.[a-z]+_cache)/"
)
ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
REGULAR = frozenset({"100644", "100755"})


@dataclass(frozen=True, kw_only=True)
class HistoryBlob:
    """One version of a file."""

    path: str
    content: bytes = field(repr=False)
    commit: str | None
    """The first commit that holds it; None where it is in no commit (a tag of a file)."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A version of a file that is still to be read."""

    oid: str
    path: str
    commit: str | None


class History:
    """The history of the repository at `origin`. `problem` says why some of it was not read."""

    def __init__(self, origin: Path, scratch: Path) -> None:
        self.problem = ""
        self._copy: Copy | None = None
        try:
            self._copy = copy_repository(origin, scratch)
        except Unreadable as error:
            self.problem = str(error)

    def blobs(self) -> Iterator[HistoryBlob]:
        """The versions of the files, oldest first; what is too large to read is cut."""
        if self._copy is None:
            return
        try:
            yield from self._blobs(self._copy)
        except Unreadable as error:
            self.problem = str(error)

    def left_out(self, origin: Path) -> frozenset[str]:
        """Paths in `origin` that are not handed in: git ignores them, and they are not staged.

        A `.env` that is ignored is where a secret belongs. Of what is ignored only private files
        and what tools make are given; ignored code is read all the same.
        """
        if self._copy is None:
            return frozenset()
        try:
            lines = self._copy.lines(
                f"--work-tree={origin}", "-c", "core.quotePath=false", "ls-files", "--others",
                "--ignored", "--exclude-standard",
            )  # fmt: skip
        except Unreadable:
            return frozenset()
        return frozenset(path for path in map(_unquoted, lines) if PRIVATE.search(path))

    def _blobs(self, copy: Copy) -> Iterator[HistoryBlob]:
        sizes = _sizes(copy)
        total = 0
        wanted = [entry for entry in _entries(copy) if entry.oid in sizes]
        if len(wanted) > MAX_BLOBS:
            self.problem = f"only {MAX_BLOBS} versions of files were read"
        readable = []
        for entry in wanted[:MAX_BLOBS]:
            total += min(sizes[entry.oid], MAX_BLOB)
            if total > MAX_TOTAL:
                self.problem = f"only {MAX_TOTAL >> 20} MiB of it were read"
                break
            readable.append(entry)
        yield from _contents(copy, readable)


def _sizes(copy: Copy) -> dict[str, int]:
    """The size of each file's version; a commit or tree of no plausible size is refused.

    Only headers are read for it, so that no bomb is unpacked.
    """
    sizes = {}
    for line in copy.lines(
        "cat-file", "--batch-all-objects", "--unordered",
        "--batch-check=%(objectname) %(objecttype) %(objectsize)",
    ):  # fmt: skip
        found = OBJECT.fullmatch(line)
        if found and found[2] == "blob":
            sizes[found[1]] = int(found[3])
        elif found and int(found[3] or 0) > MAX_SKELETON:
            msg = f"it holds a {found[2]} larger than {MAX_SKELETON >> 20} MiB"
            raise Unreadable(msg)
    return sizes


def _entries(copy: Copy) -> Iterator[Entry]:
    """Each version of a file with the first commit that holds it, oldest first."""
    stashed = _stashed(copy.path)
    seen: set[str] = set()
    commit = None
    for line in copy.lines(
        "-c", "core.quotePath=false", "log", "--all", *stashed, "--reverse", "--topo-order",
        "--root", "-m", "--raw", "--no-abbrev", "--no-renames", "--no-textconv", "--no-ext-diff",
        "--format=%H",
    ):  # fmt: skip
        found = RAW.fullmatch(line)
        if found is None:
            commit = line if re.fullmatch(r"[0-9a-f]{40,64}", line) else commit
        elif found[1] in REGULAR and found[2] not in seen:
            seen.add(found[2])
            yield Entry(oid=found[2], path=_unquoted(found[3]), commit=commit)
    for line in copy.lines("rev-list", "--objects", "--all", *stashed, "--no-object-names"):
        if line not in seen:  # trees and commits are told apart by their sizes' table
            seen.add(line)
            yield Entry(oid=line, path="(a ref to a file)", commit=None)


def _unquoted(path: str) -> str:
    """A path as git prints it: in quotes, with escapes, where it holds what needs them."""
    if not (len(path) > 1 and path[0] == path[-1] == '"'):
        return path
    raw = path[1:-1].encode("utf-8", "surrogateescape")
    plain = ESCAPE.sub(lambda found: _character(found[1]), raw)
    return plain.decode("utf-8", "replace")


def _character(escape: bytes) -> bytes:
    if escape.isdigit():
        return bytes([int(escape, 8) & 255])
    return {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b"}.get(escape, escape)


def _stashed(copy: Path) -> list[str]:
    """The commits of all stashes: a ref holds the newest, its log the others."""
    log = copy / "logs" / "refs" / "stash"
    if not log.is_file():
        return []
    lines = log.read_text("utf-8", "replace").splitlines()[-1000:]
    found = (line.split(" ")[1:2] for line in lines)
    return [oid for words in found for oid in words if re.fullmatch(r"[0-9a-f]{40,64}", oid)]


def _contents(copy: Copy, entries: list[Entry]) -> Iterator[HistoryBlob]:
    """The contents of `entries`, from one `git cat-file --batch`."""
    child = process.spawn(copy.command("cat-file", "--batch"), env=copy.environment)
    watch = threading.Timer(SECONDS, process.kill_group, (child,))
    watch.daemon = True
    watch.start()
    try:
        pending = iter(entries)
        while batch := list(islice(pending, BATCH)):
            yield from _batch(child, batch)
    finally:
        watch.cancel()
        process.kill_group(child, grace=0)
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()


def _batch(child: subprocess.Popen[bytes], batch: list[Entry]) -> Iterator[HistoryBlob]:
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write("".join(f"{entry.oid}\n" for entry in batch).encode())
        child.stdin.flush()
    except BrokenPipeError as error:
        msg = "git stopped in the middle of it"
        raise Unreadable(msg) from error
    for entry in batch:
        going_on()
        content = _one(child.stdout, entry)
        if content is not None:
            yield HistoryBlob(path=entry.path, content=content, commit=entry.commit)


def _one(stream: IO[bytes], entry: Entry) -> bytes | None:
    """The next content of the stream, cut to `MAX_BLOB` and a byte; None where it is missing."""
    head = stream.readline(4096).decode("ascii", "replace").rstrip("\n")
    if head == f"{entry.oid} missing":
        return None
    found = OBJECT.fullmatch(head)
    if found is None or found[1] != entry.oid or found[3] is None:
        msg = "git stopped in the middle of it"
        raise Unreadable(msg)
    size = int(found[3])
    content = stream.read(min(size, MAX_BLOB + 1))
    left = size - len(content) + 1  # and the newline that ends it
    while left > 0:
        chunk = stream.read(min(left, MAX_BLOB))
        if not chunk:
            break
        left -= len(chunk)
    return content
