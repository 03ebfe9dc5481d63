"""Every version of every file that a submission's history holds, each content once; and messages.

The order is that of the commits, oldest first, so that each content comes with the first commit
that holds it. What cannot be read is named in `History.problem`; all else is read.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.submission import history_graph as graph
from grader.submission.history_copy import NONE, Copy, UnreadableHistory, copy_repository, hints
from grader.submission.history_objects import Reader, kinds_and_sizes
from grader.submission.history_refs import NamedCommits, named_commits, tips
from grader.text import clean, clip

MAX_BLOB = 8 * 1024 * 1024
MAX_BLOBS = 100_000
MAX_TOTAL = 512 * 1024 * 1024
MAX_SKELETON = 16 * 1024 * 1024
"""Bytes of a commit or tree beyond which nobody made it by working."""
MAX_SKELETONS = 256 * 1024 * 1024
"""Bytes of all commits, trees and tags."""
MAX_COMMITS = 100_000
PRIVATE = re.compile(
    r"(?:^|/)(?:\.env(?:\.[^/]*)?|[^/]+\.(?:env|pem|key|p12|pfx|pyc)|id_(?:rsa|ed25519|ecdsa|dsa))$"
    r"|(?:^|/)(?:venv|\.venv|env|instance|secrets|node_modules|__pycache__|\.tox|\.nox|\.idea"
    r"|\.vscode|\.[a-z]+_cache)/"
)
ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
WHOLE = (
    "Hand in a whole repository: run `git fetch --unshallow`, or `git clone` it again without "
    "--depth, --filter and --shared; when `git fsck --full` reports nothing, hand in that folder "
    "with its .git."
)
"""How a history is handed in that can be read."""
MESSAGE, PERSON, NOTE = "the commit message", "the author of the commit", "the git note on "


@dataclass(frozen=True, kw_only=True)
class HistoryBlob:
    """One version of a file, or a message."""

    path: str
    content: bytes = field(repr=False)
    commit: str | None
    """The first commit that holds it; None where it is in no commit (a tag of a file)."""


class History:
    """The history of the repository at `origin`.

    `problem` says in a clause why some of it could not be read; empty where all was, once `blobs`
    has come to its end. `absent` says that there is no `.git` at all. `named` are its branches and
    tags, once `look_through` has come to its end.
    """

    def __init__(self, origin: Path, scratch: Path, cancel: threading.Event | None = None) -> None:
        self.problem = ""
        self.absent = False
        self.named = NamedCommits()
        self._copy: Copy | None = None
        self._hints: tuple[str, ...] = ()
        self._reftable = (origin / ".git" / "reftable").is_dir()
        try:
            self._copy = copy_repository(origin, scratch, cancel)
            self._hints = hints(origin / ".git")
        except UnreadableHistory as error:
            self.problem = str(error)
            self.absent = self.problem == NONE

    @property
    def advice(self) -> str:
        """What could not be read and how to hand it in, in sentences; empty where all was."""
        return f"{self.problem}. {WHOLE}" if self.problem and not self.absent else ""

    def blobs(self) -> Iterator[HistoryBlob]:
        """Yield the versions of the files and the messages, oldest first.

        What is too large is cut.
        """
        if self._copy is None:
            return
        try:
            yield from self._blobs(Reader(self._copy))
        except UnreadableHistory as error:
            self.problem = self.problem or str(error)

    def look_through(self) -> None:
        """Look whether all commits and folders are there, without the files' contents.

        Afterwards git can be asked for a log: the copy's own list of commits whose parents are
        missing is made here, of what is really missing.
        """
        if self._copy is None:
            return
        try:
            _, found, _ = self._survey(Reader(self._copy))
        except UnreadableHistory as error:
            self.problem = self.problem or str(error)
            return
        ends = [
            one.oid for one in found.commits.values() if not found.commits.keys() >= {*one.parents}
        ]
        if ends:
            (self._copy.path / "shallow").write_text("".join(f"{oid}\n" for oid in sorted(ends)))
        tags = {one.oid: one for one in found.tags}
        self.named = named_commits(self._copy.path, found.commits, tags)

    def lines(self, *arguments: str) -> list[str]:
        """Return what git prints about the copy. Raises `UnreadableHistory`."""
        return self._copy.lines(*arguments) if self._copy else []

    def left_out(self, origin: Path) -> frozenset[str]:
        """Paths in `origin` that are not handed in: git ignores them, and they are not staged.

        A `.env` that is ignored is where a secret belongs. Of what is ignored only private files
        and what tools make are given; ignored code is read all the same.
        """
        if self._copy is None:
            return frozenset()
        try:
            lines = self._ignored(self._copy, origin)
        except UnreadableHistory:
            (self._copy.path / "index").unlink(missing_ok=True)  # a corrupt one stages nothing
            try:
                lines = self._ignored(self._copy, origin)
            except UnreadableHistory:
                return frozenset()
        return frozenset(path for path in map(_unquoted, lines) if PRIVATE.search(path))

    def _ignored(self, copy: Copy, origin: Path) -> list[str]:
        return copy.lines(
            f"--work-tree={origin}", "-c", "core.quotePath=false", "ls-files", "--others",
            "--ignored", "--exclude-standard",
        )  # fmt: skip

    # -- what is there ---------------------------------------------------------------------

    def _blobs(self, reader: Reader) -> Iterator[HistoryBlob]:
        entries, found, there = self._survey(reader)
        with reader.not_counted():
            yield from found.messages
        yield from self._contents(reader, entries, there)

    def _survey(
        self, reader: Reader
    ) -> tuple[list[graph.TreeEntry], _Skeleton, dict[str, tuple[str, int]]]:
        """Read commits, tags and folders; tells in `problem` what of them is not there."""
        copy = reader.copy
        there, broken = kinds_and_sizes(copy)
        found = _Skeleton.read(reader, there)
        walk = graph.Walk(trees=found.trees, there=there)
        entries = self._entries(copy, found, walk)
        missing = [oid for oid in sorted(walk.missing) if oid not in broken]
        self.problem = (
            self._damage(missing, [*broken, *reader.unread])
            or found.cut
            or walk.cut
            or self._without_refs(copy, found)
        )
        return entries, found, there

    def _entries(self, copy: Copy, found: _Skeleton, walk: graph.Walk) -> list[graph.TreeEntry]:
        """Return the versions of files that are to be read; the messages are put into `found`."""
        aims = tips(copy.path)
        commits = found.commits
        noted = graph.behind(
            (oid for oid, refs in aims.items() if any(graph.NOTES in ref for ref in refs)), commits
        )
        entries: list[graph.TreeEntry] = []
        messages = found.messages
        people: set[str] = set()
        for commit in graph.in_order(commits):
            walk.missing.update(oid for oid in commit.parents if oid not in walk.there)
            files = walk.files(commit.tree, commit.oid)
            named = _named_notes(files) if commit.oid in noted else files
            entries += named
            messages.append(HistoryBlob(path=MESSAGE, content=commit.message, commit=commit.oid))
            for person in sorted(commit.people - people):
                people.add(person)
                messages.append(
                    HistoryBlob(path=PERSON, content=person.encode(), commit=commit.oid)
                )
        for tag in found.tags:
            path = f"the message of tag {clip(clean(tag.name), 80)}"
            messages.append(HistoryBlob(path=path, content=tag.message, commit=None))
        known = {entry.oid for entry in entries}
        for oid in [*aims, *(tag.aim for tag in found.tags)]:
            kind = walk.there.get(oid, ("", 0))[0]
            if not kind:
                walk.missing.add(oid)
            elif kind == "tree":
                entries += walk.files(oid, None)
            elif kind == "blob" and oid not in known:
                known.add(oid)
                entries.append(graph.TreeEntry(oid=oid, path="(a ref to a file)", commit=None))
        return entries

    def _contents(
        self, reader: Reader, entries: list[graph.TreeEntry], there: dict[str, tuple[str, int]]
    ) -> Iterator[HistoryBlob]:
        """Yield the contents of `entries`, as far as the bounds go."""
        total = 0
        readable: dict[str, graph.TreeEntry] = {}
        for entry in entries:
            total += min(there[entry.oid][1], MAX_BLOB)
            if len(readable) >= MAX_BLOBS or total > MAX_TOTAL:
                self.problem = self.problem or (
                    f"only {MAX_BLOBS} versions of files and {MAX_TOTAL >> 20} MiB of it are read"
                )
                break
            readable[entry.oid] = entry
        before = len(reader.unread)
        for one in reader.read(readable, MAX_BLOB):
            entry = readable[one.oid]
            yield HistoryBlob(path=entry.path, content=one.content, commit=entry.commit)
        if corrupt := reader.unread[before:]:
            self.problem = self.problem or self._damage([], corrupt)

    # -- what is not there -----------------------------------------------------------------

    def _damage(self, missing: list[str], broken: list[str]) -> str:
        """Return a clause about objects that are missing or corrupt, with the likeliest cause."""
        if missing and self._hints:
            return f"{self._hints[0]}: {_count(missing)} missing"
        if missing or broken:
            found, what = (missing, "missing") if missing else (broken, "corrupt")
            return f"its repository is damaged: {_count(found)} {what}"
        return ""

    def _without_refs(self, copy: Copy, found: _Skeleton) -> str:
        """Return a clause about commits that no branch holds together any more."""
        if self._reftable:
            return "its branches are kept in a reftable (`git refs migrate --ref-format=files`)"
        refs = {ref for named in tips(copy.path).values() for ref in named}
        if found.commits and not any(ref.startswith(("refs/", "HEAD")) for ref in refs):
            return "it has commits, but no branch, so that nobody can say whether they are all"
        return ""


@dataclass
class _Skeleton:
    """Commits, trees and tags."""

    commits: dict[str, graph.Commit] = field(default_factory=dict)
    trees: dict[str, bytes] = field(default_factory=dict)
    tags: list[graph.Tag] = field(default_factory=list)
    messages: list[HistoryBlob] = field(default_factory=list)
    cut: str = ""

    @classmethod
    def read(cls, reader: Reader, there: dict[str, tuple[str, int]]) -> _Skeleton:
        """All of a repository that can be read within the bounds."""
        skeleton, total = cls(), 0
        wanted = []
        for oid, (kind, size) in there.items():
            if kind == "blob":
                continue
            total += size
            if size > MAX_SKELETON:
                skeleton.cut = f"it holds a {kind} larger than {MAX_SKELETON >> 20} MiB"
            elif total > MAX_SKELETONS:
                skeleton.cut = (
                    f"its commits and folders come to more than {MAX_SKELETONS >> 20} MiB"
                )
                break
            else:
                wanted.append(oid)
        commits = sum(there[oid][0] == "commit" for oid in wanted)
        if commits > MAX_COMMITS:
            skeleton.cut = f"it has more than {MAX_COMMITS} commits"
            wanted = [oid for oid in wanted if there[oid][0] != "commit"] + [
                oid for oid in wanted if there[oid][0] == "commit"
            ][:MAX_COMMITS]
        for one in reader.read(wanted, MAX_SKELETON):
            if one.kind == "commit":
                skeleton.commits[one.oid] = graph.commit_of(one)
            elif one.kind == "tree":
                skeleton.trees[one.oid] = one.content
            else:
                skeleton.tags.append(graph.tag_of(one))
        return skeleton


def _named_notes(entries: Iterator[graph.TreeEntry]) -> Iterator[graph.TreeEntry]:
    for entry in entries:
        commit = entry.path.replace("/", "")[:10]
        yield replace(entry, path=f"{NOTE}{commit}")


def _count(objects: list[str]) -> str:
    shown = objects[0][:10]
    if len(objects) == 1:
        return f"1 object ({shown}) is"
    return f"{len(objects)} objects ({shown} and others) are"


def _unquoted(path: str) -> str:
    """Return a path as git prints it: in quotes, with escapes, where it holds what needs them."""
    if not (len(path) > 1 and path[0] == path[-1] == '"'):
        return path
    raw = path[1:-1].encode("utf-8", "surrogateescape")
    plain = ESCAPE.sub(lambda found: _character(found[1]), raw)
    return plain.decode("utf-8", "replace")


def _character(escape: bytes) -> bytes:
    if escape.isdigit():
        return bytes([int(escape, 8) & 255])
    return {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b"}.get(escape, escape)
