"""Objects of a copied repository, read one by one: what is missing or corrupt stops nothing.

Commits, trees and tags are parsed here, from what `git cat-file` gives. So no list of refs, graft,
replacement or boundary that somebody wrote by hand decides what is seen.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from grader import process
from grader.submission.history_copy import Copy, UnreadableHistory

SECONDS = 60
"""For all that is read of one history."""
POLL = 0.1
ALL = ("--batch-all-objects", "--unordered")
BATCH = 500
"""Names sent to git at once: few enough for a pipe to hold them."""
MAX_RESTARTS = 200
"""How often git is started again behind an object that it cannot read."""
SKIPPED = 32 * 1024 * 1024
"""Bytes beyond the cap that are read and thrown away; for more, git is started again."""
HEADER = re.compile(r"([0-9a-f]{40,64}) (\w+) (\d+)")


@dataclass(frozen=True, kw_only=True)
class GitObject:
    """One object."""

    oid: str
    kind: str
    size: int
    """Bytes, as git says."""
    content: bytes = field(repr=False)
    """At most `cap` bytes and one."""


def kinds_and_sizes(copy: Copy) -> tuple[dict[str, tuple[str, int]], list[str]]:
    """Return the kind and size of each object that is there, and the names of corrupt ones.

    Only headers are read for it, so that no bomb is unpacked.
    """
    found: dict[str, tuple[str, int]] = {}
    broken: list[str] = []
    try:
        lines = copy.lines("cat-file", "--batch-check", *ALL)
    except UnreadableHistory:  # git ends at a damaged pack: each object is asked for by its name
        lines = list(_one_by_one(copy, copy.lines("cat-file", "--batch-check=%(objectname)", *ALL)))
    for line in lines:
        if header := HEADER.fullmatch(line):
            found[header[1]] = (header[2], int(header[3]))
        elif line.endswith(" missing"):
            broken.append(line.removesuffix(" missing"))
    return found, broken


def _one_by_one(copy: Copy, names: list[str]) -> Iterator[str]:
    """Yield what `git cat-file --batch-check` says of each name.

    Started again behind those it ends at.

    Raises `UnreadableHistory` where those are too many.
    """
    for _ in range(MAX_RESTARTS):
        lines: list[str] = []
        process.run(
            copy.command("cat-file", "--batch-check"), deadline=SECONDS, env=copy.environment,
            stdin="".join(f"{name}\n" for name in names).encode(), on_line=lines.append,
            check=False, cancel=copy.cancel, output_cap=64 * 1024 * 1024,
        )  # fmt: skip
        said = [line for line in lines if HEADER.fullmatch(line) or line.endswith(" missing")]
        yield from said
        if len(said) >= len(names):
            return
        yield f"{names[len(said)]} missing"
        names = names[len(said) + 1 :]
    msg = "too many of its objects are corrupt"
    raise UnreadableHistory(msg)


@dataclass
class Reader:
    """Reads objects under one deadline. `unread` are those that could not be."""

    copy: Copy
    until: float = field(default_factory=lambda: time.monotonic() + SECONDS)
    unread: list[str] = field(default_factory=list)
    restarts: int = 0
    handed_out: bool = False
    """Whether an object is with the caller, whose time counts for nothing here."""

    def read(self, names: Iterable[str], cap: int) -> Iterator[GitObject]:
        """Each object of `names` that can be read, in their order.

        Raises `UnreadableHistory` where too many cannot, or the time is over.
        """
        wanted = list(names)
        while wanted:
            done, long = 0, False
            for one in self._session(wanted, cap):
                done += 1
                if one is not None:
                    long = one.size > cap + SKIPPED
                    with self.not_counted():
                        yield one
                if long:
                    break  # git is started again behind it, which takes less than its end
            if done < len(wanted) and not long:
                self._ended(wanted[done])
                done += 1
            wanted = wanted[done:]

    @contextmanager
    def not_counted(self) -> Iterator[None]:
        """Leave out of the deadline what the caller does with an object."""
        since, self.handed_out = time.monotonic(), True
        try:
            yield
        finally:
            self.until += time.monotonic() - since
            self.handed_out = False

    def _ended(self, oid: str) -> None:
        """Git has ended at `oid`: for its time, for the run's end, or because it is corrupt."""
        self.copy.require_running()
        if time.monotonic() > self.until:
            msg = f"it could not be read within {SECONDS} s"
            raise UnreadableHistory(msg)
        self.unread.append(oid)
        self.restarts += 1
        if self.restarts > MAX_RESTARTS:
            msg = "too many of its objects are corrupt"
            raise UnreadableHistory(msg)

    def _session(self, wanted: list[str], cap: int) -> Iterator[GitObject | None]:
        """One run of `git cat-file --batch`; it ends early at what git cannot read."""
        copy = self.copy
        child = process.spawn(
            copy.command("cat-file", "--batch"), env=copy.environment, errors=subprocess.DEVNULL
        )
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(child, over), daemon=True)
        watch.start()
        try:
            pending = iter(wanted)
            while batch := list(islice(pending, BATCH)):
                yield from self._batch(child, batch, cap)
        except (EOFError, BrokenPipeError):
            return
        finally:
            over.set()
            process.kill_group(child, grace=0)
            watch.join()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    stream.close()

    def _watch(self, child: subprocess.Popen[bytes], over: threading.Event) -> None:
        """Kill git at the deadline, and when the run ends."""
        cancel = self.copy.cancel
        while not over.wait(POLL):
            late = not self.handed_out and time.monotonic() > self.until
            if late or (cancel is not None and cancel.is_set()):
                process.kill_group(child, grace=0)
                return

    def _batch(
        self, child: subprocess.Popen[bytes], batch: list[str], cap: int
    ) -> Iterator[GitObject | None]:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("".join(f"{oid}\n" for oid in batch).encode())
        child.stdin.flush()
        for oid in batch:
            one = _one(child.stdout, oid, cap)
            if one is None or not _is_whole(one):
                self.unread.append(oid)
            yield one


def _one(stream: IO[bytes], oid: str, cap: int) -> GitObject | None:
    """Return the next object of the stream, cut to `cap` bytes and one; None where it is missing.

    Raises `EOFError` where the stream ends before it does.
    """
    head = stream.readline(4096).decode("ascii", "replace").rstrip("\n")
    if head == f"{oid} missing":
        return None
    found = HEADER.fullmatch(head)
    if found is None or found[1] != oid:
        raise EOFError
    size = int(found[3])
    content = stream.read(min(size, cap + 1))
    left = size - len(content) + 1  # and the newline that ends it
    while 0 < left <= SKIPPED + 1:
        chunk = stream.read(min(left, cap))
        if not chunk:
            raise EOFError
        left -= len(chunk)
    return GitObject(oid=oid, kind=found[2], size=size, content=content)


def _is_whole(one: GitObject) -> bool:
    """Return whether the content is what the name says; of one that was cut, nothing is said."""
    if len(one.content) != one.size:
        return True
    digest = hashlib.sha1(usedforsecurity=False) if len(one.oid) == 40 else hashlib.sha256()
    digest.update(f"{one.kind} {one.size}\0".encode())
    digest.update(one.content)
    return digest.hexdigest() == one.oid
