"""What the objects of a history say: commits, tags, and each version of each file.

All commits are read, whether a ref leads to them or not: those of every branch, tag, note and
stash, and those that were amended or rebased away. Trees and files that no commit ever held are no
history: git leaves them behind where somebody takes a file back out before the commit.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from grader.submission.history_objects import GitObject

MAX_ENTRIES = 2_000_000
"""Files and folders in all trees."""
MAX_DEPTH = 128
REGULAR = frozenset({b"100644", b"100755", b"100664"})
FOLDER = frozenset({b"40000", b"040000"})
MODULE = b"160000"
NOTES = "refs/notes/"


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit as it is stored."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    when: int
    """Seconds since 1970, as it says itself."""
    people: frozenset[str]
    """Author and committer, without the time."""
    message: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Tag:
    """An annotated tag as it is stored."""

    oid: str
    aim: str
    name: str
    message: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class TreeEntry:
    """A version of a file that is still to be read."""

    oid: str
    path: str
    commit: str | None


def commit_of(one: GitObject) -> Commit:
    """Return the commit that an object holds; what is no commit's form has no tree."""
    head, _, message = one.content.partition(b"\n\n")
    rows = [row.partition(" ") for row in head.decode("utf-8", "replace").split("\n")]
    given: dict[str, list[str]] = {}
    for name, _, value in rows:
        given.setdefault(name, []).append(value)
    people = [*given.get("author", []), *given.get("committer", [])]
    when = re.search(r"> (\d{1,12})", people[-1]) if people else None
    return Commit(
        oid=one.oid,
        tree=next(iter(given.get("tree", [])), ""),
        parents=tuple(given.get("parent", [])),
        when=int(when[1]) if when else 0,
        people=frozenset(person.rpartition(">")[0] + ">" for person in people),
        message=message,
    )


def tag_of(one: GitObject) -> Tag:
    """Return the annotated tag that an object holds."""
    head, _, message = one.content.partition(b"\n\n")
    rows = dict(row.partition(" ")[::2] for row in head.decode("utf-8", "replace").split("\n"))
    return Tag(oid=one.oid, aim=rows.get("object", ""), name=rows.get("tag", ""), message=message)


def in_order(commits: dict[str, Commit]) -> list[Commit]:
    """Parents before their children, otherwise the older first."""
    children: dict[str, list[str]] = {}
    waiting = dict.fromkeys(commits, 0)
    for one in commits.values():
        for parent in set(one.parents) & commits.keys():
            children.setdefault(parent, []).append(one.oid)
            waiting[one.oid] += 1
    ready = [(commits[oid].when, oid) for oid, count in waiting.items() if not count]
    heapq.heapify(ready)
    ordered = []
    while ready:
        _, oid = heapq.heappop(ready)
        ordered.append(commits[oid])
        for child in children.get(oid, ()):
            waiting[child] -= 1
            if not waiting[child]:
                heapq.heappush(ready, (commits[child].when, child))
    return ordered


def behind(starts: Iterable[str], commits: dict[str, Commit]) -> set[str]:
    """Return the commits that lead to `starts`, with those."""
    found: set[str] = set()
    waiting = [oid for oid in starts if oid in commits]
    while waiting:
        if (oid := waiting.pop()) not in found:
            found.add(oid)
            waiting += [parent for parent in commits[oid].parents if parent in commits]
    return found


@dataclass
class Walk:
    """Goes through the trees of commits, each once. `missing` are objects that are not there."""

    trees: dict[str, bytes]
    there: dict[str, tuple[str, int]]
    missing: set[str] = field(default_factory=set)
    cut: str = ""
    """Why not all was walked through."""
    _seen: set[str] = field(default_factory=set)
    _entries: int = 0

    def files(self, top: str, commit: str | None) -> Iterator[TreeEntry]:
        """Yield the versions of files in the tree `top` that no tree before it held."""
        waiting = [(top, "", 0)]
        while waiting:
            oid, prefix, depth = waiting.pop()
            if oid in self._seen:
                continue
            self._seen.add(oid)
            if oid not in self.trees:
                self.missing.add(oid)
                continue
            inner = []
            for mode, raw, child in _entries(self.trees[oid], len(oid) // 2):
                self._entries += 1
                if mode in FOLDER:
                    inner.append((child, f"{prefix}{_name(raw)}/", depth + 1))
                elif mode in REGULAR and child not in self._seen:
                    self._seen.add(child)
                    yield from self._file(child, f"{prefix}{_name(raw)}", commit)
                elif mode != MODULE and child not in self.there:
                    self.missing.add(child)
            if self._entries > MAX_ENTRIES:
                self.cut = f"its folders hold more than {MAX_ENTRIES} files"
                return
            if inner and depth >= MAX_DEPTH:
                self.cut = f"folders are nested more than {MAX_DEPTH} deep in it"
                continue
            waiting += reversed(inner)

    def _file(self, oid: str, path: str, commit: str | None) -> Iterator[TreeEntry]:
        if self.there.get(oid, ("", 0))[0] == "blob":
            yield TreeEntry(oid=oid, path=path, commit=commit)
        else:
            self.missing.add(oid)


def _name(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _entries(raw: bytes, size: int) -> Iterator[tuple[bytes, bytes, str]]:
    """Mode, name and object of each entry of a tree; the object's name has `size` bytes."""
    at = 0
    while at < len(raw):
        space = raw.find(b" ", at)
        end = raw.find(b"\0", space)
        if space < 0 or end < 0:
            return
        last = end + 1 + size
        yield raw[at:space], raw[space + 1 : end], raw[end + 1 : last].hex()
        at = last
