"""Intake of a git repository by its address: fetched bare, read from outside, checked out by us.

Git runs in a repository of our own making, with a configuration of ours: no hook, filter, textconv,
submodule, LFS or command of the student's acts. What the tree would come to is known before it is
written, so that neither a blob of 100 GB nor a tree of ten billion files is.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from grader import process
from grader.errors import Cancelled, PlatformError, SourceError, SubmissionRejected
from grader.submission.clone import network_environment, require_allowed, without_password
from grader.submission.directory import MAX_BYTES, MAX_DEPTH, MAX_FILES
from grader.submission.history_copy import MAX_BYTES as MAX_REPOSITORY
from grader.submission.history_copy import SAFE
from grader.text import clean, last_lines

SECONDS = 180
"""For fetching, and for each other step."""
POLL = 0.2
WANTED = "refs/grader/wanted"
EVERYTHING = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
REF = re.compile(r"[\w][\w./@+=-]{0,199}")
SHORT_ID = re.compile(r"[0-9a-f]{7,39}")
ROW = re.compile(r"\d+ \w+ [0-9a-f]+ +(\d+|-)\t(.*)")
"""A line of `git ls-tree -l`."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """A repository elsewhere, and which commit of it is meant."""

    url: str
    ref: str
    """A branch, tag or commit; empty: the default branch."""
    scheme: str
    pinned: str = ""
    """`HOST:PORT:ADDRESS`: the one place to go to, whatever the name leads to; empty: anywhere."""

    @property
    def shown(self) -> str:
        """The address and the ref, without a password."""
        ref = f"#{self.ref}" if self.ref else ""
        return without_password(self.url) + ref


def take_git(
    address: Address, folder: Path, *, history: bool, cancel: threading.Event | None = None
) -> str:
    """Fetch `address` into the new folder `folder`, check it out, and return what to call it.

    Without `history` only the commit itself is fetched. Raises `SourceError` where it cannot be
    had, `SubmissionRejected` where it is larger than any exam's answer, `PlatformError` where it
    takes too long.
    """
    folder.mkdir(mode=0o700, parents=True)
    repository = _Repository(folder=folder, address=address, cancel=cancel)
    repository.fetch(history=history)
    repository.check_out()
    return address.shown


def address_of(source: str, ref: str, *, allow_file: bool) -> Address:
    """Return what `source` names, which may end in `#REF`.

    Raises `UsageError` where it is not allowed.
    """
    url, _, named = source.partition("#")
    wanted = ref or named
    if (wanted and not REF.fullmatch(wanted)) or ".." in wanted:
        msg = f"{clean(wanted)!r} is no branch, tag or commit; look at it again."
        raise SourceError(msg)
    scheme = require_allowed(url, wanted, allow_file=allow_file)
    return Address(url=url, ref=wanted, scheme=scheme)


@dataclass(frozen=True, kw_only=True)
class _Repository:
    """A fetched repository: `.git` in `folder`, which its tree is checked out into."""

    folder: Path
    address: Address
    cancel: threading.Event | None
    rows: list[str] = field(default_factory=list)

    def fetch(self, *, history: bool) -> None:
        """Get the commit, and with `history` everything else; HEAD becomes the commit."""
        self._git("init", "--quiet", "--bare", "--template=", why="cannot be fetched")
        ref = self.address.ref or "HEAD"
        short = bool(SHORT_ID.fullmatch(ref))  # a name that only the whole repository explains
        wanted = [] if short else [f"+{ref}:{WANTED}"]
        everything = EVERYTHING if history or short else ()
        depth = [] if everything else ["--depth=1"]
        with self._watched() as cancel:
            self._git(
                "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-gc",
                "--no-write-fetch-head", *depth, "--", self.address.url, *wanted, *everything,
                why="cannot be fetched; look at the address and the ref", cancel=cancel,
            )  # fmt: skip
        found: list[str] = []
        name = f"{ref if short else WANTED}^{{commit}}"
        self._git("rev-parse", "--verify", "--end-of-options", name,
                  why=f"has no commit {ref}", lines=found)  # fmt: skip
        self._git("update-ref", "--no-deref", "HEAD", found[-1], why="cannot be read")

    def check_out(self) -> None:
        """Write the commit's tree, once it is known to be of a plausible size."""
        rows: list[str] = []
        done = self._run("ls-tree", "-r", "-l", "HEAD", lines=rows)
        if done.flooded or len(rows) > MAX_FILES:
            self._refuse(f"it holds more than {MAX_FILES} files")
        found = [row for row in map(ROW.fullmatch, rows) if row]
        if sum(int(row[1]) for row in found if row[1] != "-") > MAX_BYTES:
            self._refuse(f"it holds more than {MAX_BYTES >> 20} MiB")
        if any(row[2].count("/") > MAX_DEPTH for row in found):
            self._refuse(f"folders are nested more than {MAX_DEPTH} deep")
        for step in (("read-tree", "HEAD"), ("checkout-index", "--all", "--force", "--quiet")):
            if self._run(f"--work-tree={self.folder}", *step).returncode != 0:
                self._refuse("git refuses its tree, which holds a name that none can have")

    @contextmanager
    def _watched(self) -> Iterator[threading.Event]:
        """Yield an event that is set once the repository is too large, or the run is cancelled."""
        stop, over, grown = threading.Event(), threading.Event(), threading.Event()

        def watch() -> None:
            while not over.wait(POLL):
                if self.cancel is not None and self.cancel.is_set():
                    stop.set()
                elif _bytes_below(self.folder) > MAX_REPOSITORY:
                    grown.set()
                    stop.set()

        watcher = threading.Thread(target=watch, daemon=True, name="fetch-watch")
        watcher.start()
        try:
            yield stop
        except Cancelled:
            if grown.is_set():
                self._refuse(f"its repository is larger than {MAX_REPOSITORY >> 20} MiB")
            raise
        finally:
            over.set()
            watcher.join()

    def _git(
        self,
        *arguments: str,
        why: str,
        lines: list[str] | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        """Run git. Raises `SourceError` saying `why` where it fails."""
        done = self._run(*arguments, lines=lines, cancel=cancel)
        if done.timed_out:
            msg = f"{self.address.shown} did not come within {SECONDS} s; try again later."
            raise PlatformError(msg)
        if done.returncode != 0:
            said = without_password(last_lines(done.tail, 2))
            msg = f"{self.address.shown} {why}. git says: {said or 'nothing'}"
            raise SourceError(msg)

    def _run(
        self,
        *arguments: str,
        lines: list[str] | None = None,
        cancel: threading.Event | None = None,
    ) -> process.Completed:
        allowed = ("-c", f"protocol.{self.address.scheme}.allow=always", *self._pinned())
        return process.run(
            ["git", *SAFE, *allowed, f"--git-dir={self.folder / '.git'}", *arguments],
            deadline=SECONDS, check=False, cancel=cancel or self.cancel,
            on_line=lines.append if lines is not None else None,
            env=network_environment(self.folder.parent, self.address.scheme)
            | {"GIT_LFS_SKIP_SMUDGE": "1"},
        )  # fmt: skip

    def _pinned(self) -> tuple[str, ...]:
        """Return what keeps git from going anywhere but where it was told."""
        if not self.address.pinned:
            return ()
        resolve = f"http.curloptResolve={self.address.pinned}"
        return ("-c", resolve, "-c", "http.followRedirects=false")

    def _refuse(self, why: str) -> NoReturn:
        msg = f"{self.address.shown} is no exam's answer: {why}. Hand in the source code only."
        raise SubmissionRejected(msg) from None


def _bytes_below(folder: Path) -> int:
    """Return the size of all files in `folder`; those that vanish meanwhile count as nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:
            continue
    return total
