"""What a scan of secrets gives. A finding never holds the value that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from grader.text import clean, clip


class Severity(StrEnum):
    """How much it matters that a value is there for everybody to read."""

    WEAK = "weak"
    """A development literal such as root/root, or a placeholder in what runs."""
    DEFAULT = "default"
    """A secret of the app's own."""
    THIRD_PARTY = "third_party"
    """A private key, or a credential of a cloud, payment or code service."""


ORDER = (Severity.WEAK, Severity.DEFAULT, Severity.THIRD_PARTY)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One secret, and where it stands."""

    rule: str
    severity: Severity
    path: str
    line: int
    """From 1; 0 where the whole file is meant."""
    commit: str | None
    """The first commit that holds it; None in the tree and in an image."""
    why: str
    fix: str
    preview: str
    """The name that it is given, and the value with all but its beginning left out."""
    used_for: str = ""
    """What the value is used for, such as `signs Flask's sessions`; empty where nobody can tell."""
    sure: bool = True
    """Whether it is surely a secret; what is not is a hint, and costs nothing."""

    @property
    def place(self) -> str:
        """`path:line`, with the commit where there is one."""
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where} ({self.commit[:10]})" if self.commit else where


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """What was not read, or not whole, and why."""

    path: str
    reason: str
    commit: str | None = None
    unread: bool = False
    """Whether a secret could stand in what was not looked at: the criterion has not passed."""
    ends: bool = False
    """Whether nothing after it was looked at either."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """All that a scan found."""

    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    files: int = 0
    """How many files (or versions of files) were read."""
    marks: frozenset[bytes] = field(default=frozenset(), repr=False)
    """What tells the same secret again, within this process only."""
    seen: frozenset[bytes] = field(default=frozenset(), repr=False)
    """What tells the same file again, likewise."""

    @property
    def unread(self) -> tuple[Skipped, ...]:
        """What could not be looked at, so that the scan has not been passed."""
        return tuple(one for one in self.skipped if one.unread)


class Readable(Protocol):
    """A file's content with the place where it was found."""

    @property
    def path(self) -> str:
        """Its path in the repository or image."""

    @property
    def content(self) -> bytes:
        """Its bytes."""

    @property
    def commit(self) -> str | None:
        """The first commit that holds it."""


@dataclass(frozen=True, kw_only=True)
class Blob:
    """A file's content that does not lie in a folder: of a commit, or of an image's layer."""

    path: str
    content: bytes = field(repr=False)
    commit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Hit:
    """What a reader of one kind of file found; its value stays within this package."""

    rule: str
    severity: Severity
    line: int
    name: str
    value: str = field(repr=False)
    sure: bool = True
    """Whether where it goes, or how it looks, says that it is a secret."""
    used_for: str = ""
    """What the value is used for, where the rule alone does not say it."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A file, or a constant of another module, that something uses as a secret."""

    path: str
    """The file that uses it."""
    line: int
    target: str
    """The file as it is written there, or the module with its dots."""
    constant: str
    """The name in the module; empty where the content of a file is used."""
    rule: str
    name: str


Note = Wanted | Skipped
"""What a reader says of a file alongside its hits."""


def preview(hit: Hit) -> str:
    """`DB_PASSWORD = "hu…(7 characters)"`: at most two characters, and a third of the value."""
    if hit.rule in {"private-key", "dockerfile.copies-env", "image.file"}:
        return clip(clean(hit.name), 80)
    name = clip(clean(hit.name).replace("\n", " "), 60)
    return f'{name} = "{shortened(hit.value.strip())}"'


def shortened(value: str) -> str:
    """`hu…(7 characters)`: what may be shown of a secret."""
    begin = value[: min(2, len(value) // 3)]
    kept = "".join(character if character.isprintable() else "." for character in begin)
    return f"{kept}…({len(value)} characters)"


def strongest(hits: Iterable[Hit]) -> list[Hit]:
    """One hit for each value on a line: a sure one, the gravest, and of these the first."""
    hits = list(hits)
    if len(hits) < 2:
        return hits
    kept: list[Hit] = []
    lines: dict[int, list[Hit]] = {}
    ranked = sorted(hits, key=lambda hit: (not hit.sure, -ORDER.index(hit.severity)))
    for hit in ranked:
        others = lines.setdefault(hit.line, [])
        if any(hit.value in other.value or other.value in hit.value for other in others):
            continue
        if len(others) < 20:  # nobody reads more of one line
            others.append(hit)
            kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.line, hit.rule, hit.name))
