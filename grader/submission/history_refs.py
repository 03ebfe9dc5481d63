"""What the refs of a copied repository name: tips for all that is read, branches and tags to tell.

A ref is read as git reads it: a file of its own before the line of `packed-refs`, links between
refs followed. Names that git itself would refuse are none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from grader.submission.history_graph import Tag
from grader.text import clean, clip

NAME = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
LINK = re.compile(r"ref: (refs/\S+)")
MAX_REFS_BYTES = 64 * 1024 * 1024
MAX_TOLD = 1000
"""Branches that are told of, and as many tags."""
MAX_LENGTH = 250
"""Characters of a name that are told."""
MAX_MESSAGE = 500
"""Characters of a tag's message that are told."""
MAX_LINKS = 5
"""Links between refs that git follows."""
BRANCHES, TAGS = "refs/heads/", "refs/tags/"
CLONED = "refs/remotes/origin/"
"""The branches of where a clone comes from, which are no branches of its own yet."""
REFUSED = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|(?:^|/)[.]|\.lock(?:/|$)|[/.]$|^-|^$")
"""In names that `git check-ref-format --branch` refuses."""
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class NamedTag:
    """A tag, annotated or not."""

    commit: str
    annotated: bool
    message: str
    """Cleaned and cut; empty where it is not annotated."""


@dataclass(frozen=True, kw_only=True)
class NamedCommits:
    """The branches and tags of a repository, by their cleaned names."""

    branches: Mapping[str, str] = field(default_factory=dict)
    """Each branch's newest commit."""
    tags: Mapping[str, NamedTag] = field(default_factory=dict)
    excess: str = ""
    """A sentence where there are more than are told; then none is."""


def tips(copy: Path) -> dict[str, set[str]]:
    """Return what refs, HEAD and their logs name: each object's name with the refs that do."""
    found: dict[str, set[str]] = {}

    def note(oid: str, ref: str) -> None:
        if NAME.fullmatch(oid) and oid.strip("0"):
            found.setdefault(oid, set()).add(ref)

    for ref, text in _texts(copy, "refs"):
        note(text.strip(), ref)
    for line in _text(copy / "packed-refs").splitlines():
        oid, _, ref = line.removeprefix("^").partition(" ")
        note(oid, ref)
    note(_text(copy / "HEAD").strip(), "HEAD")
    for ref, text in _texts(copy, "logs"):
        for line in text.splitlines():
            for oid in line.split(" ")[:2]:
                note(oid, ref)
    return found


def named_commits(copy: Path, commits: Collection[str], tags: Mapping[str, Tag]) -> NamedCommits:
    """Return the branches and tags that lead to one of `commits`, by way of annotated `tags`.

    Those of the remote `origin` count as branches where there is none of that name: a clone has
    them so. A ref to a file or folder, or to a commit that is not there, is left out.
    """
    held = _refs(copy)
    refs = {ref: _aim(ref, held) for ref in held}
    own = _below(BRANCHES, refs)
    cloned = {name: oid for name, oid in _below(CLONED, refs).items() if name != "HEAD"}
    branches = {name: oid for name, oid in (cloned | own).items() if oid in commits}
    named = _below(TAGS, refs)
    found = {name: _tag(oid, tags) for name, oid in named.items()}
    found = {name: tag for name, tag in found.items() if tag.commit in commits}
    for count, what in ((len(branches), "branches"), (len(found), "tags")):
        if count > MAX_TOLD:
            said = (
                f"Your repository has {count} {what}, and at most {MAX_TOLD} are read. Delete "
                "those that nobody needs."
            )
            return NamedCommits(excess=said)
    return NamedCommits(branches=_told(branches), tags=_told(found))


def _refs(copy: Path) -> dict[str, str]:
    """Return what each ref holds: an object's name, or a link to another ref."""
    found = {}
    for line in _text(copy / "packed-refs").split("\n"):
        oid, _, ref = line.partition(" ")
        if NAME.fullmatch(oid):
            found[ref] = oid
    return found | {ref: text.strip() for ref, text in _texts(copy, "refs")}


def _aim(ref: str, refs: Mapping[str, str]) -> str:
    """Return the object that a ref leads to; empty where it leads nowhere."""
    held = refs.get(ref, "")
    for _ in range(MAX_LINKS):
        link = LINK.fullmatch(held)
        if link is None:
            break
        held = refs.get(link[1], "")
    return held if NAME.fullmatch(held) else ""


def _below(prefix: str, refs: Mapping[str, str]) -> dict[str, str]:
    """Return the refs below `prefix` by their names there, sorted; names that are none left out."""
    found = {
        ref.removeprefix(prefix): oid for ref, oid in sorted(refs.items()) if ref.startswith(prefix)
    }
    return {name: oid for name, oid in found.items() if not REFUSED.search(name)}


def _tag(oid: str, tags: Mapping[str, Tag]) -> NamedTag:
    """Return the tag whose ref leads to `oid`: a commit, or an annotated tag of whatever depth."""
    first = tags.get(oid)
    seen = set[str]()
    while oid in tags and oid not in seen:
        seen.add(oid)
        oid = tags[oid].aim
    message = first.message.decode("utf-8", "replace").strip() if first else ""
    return NamedTag(
        commit=oid, annotated=first is not None, message=clip(clean(message), MAX_MESSAGE)
    )


def _told(named: Mapping[str, T]) -> dict[str, T]:
    """Clean and cut the names; of two that come to the same, the first one stays."""
    found: dict[str, T] = {}
    for name, value in named.items():
        found.setdefault(clip(clean(name), MAX_LENGTH), value)
    return found


def _texts(copy: Path, folder: str) -> Iterator[tuple[str, str]]:
    left = MAX_REFS_BYTES
    for path in sorted((copy / folder).rglob("*")):
        if path.is_file() and left > 0:
            text = _text(path)
            left -= len(text)
            yield path.relative_to(copy).as_posix(), text


def _text(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as reader:
        return reader.read(MAX_REFS_BYTES).decode("utf-8", "replace")
