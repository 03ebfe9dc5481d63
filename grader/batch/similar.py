"""Submissions whose code is alike, what the starter gave left aside.

Fingerprints are chosen from runs of tokens by winnowing (Schleimer, Wilkerson, Aiken: Winnowing,
2003), as MOSS does: names, comments, strings and layout make no difference. The code is cut into
tokens by Python's own `tokenize`; nothing of it is imported.
"""

from __future__ import annotations

import builtins
import hashlib
import io
import keyword
import threading
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from grader.batch.entry import Entry
from grader.errors import GraderError
from grader.model import Challenge
from grader.run.context import new_run_id
from grader.run.workspace import workspace
from grader.settings import Settings
from grader.submission import take
from grader.text import clean

SHARE = 0.6
"""What pairs are listed from."""
RUN = 12
"""Tokens that are compared at once; a shorter run in common is no match."""
WINDOW = 8
"""Of so many runs that follow each other one is chosen: 19 tokens in common are always found."""
MAX_CODE = 256 * 1024
"""Characters of code that are read of one submission."""
MAX_PAIRS = 20_000
"""Pairs that are kept, most alike first: more than any group of two hundred has."""
LEAST = 20
"""Fingerprints beyond the starter's that a submission must have to be like another."""
PLAIN = frozenset(keyword.kwlist) | frozenset(dir(builtins))
"""Names that say what is done, and not what somebody calls it."""
KINDS = {tokenize.NAME: "name", tokenize.NUMBER: "number", tokenize.STRING: "string"}
SPACE = frozenset({
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENCODING, tokenize.ENDMARKER,
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two submissions that are alike."""

    first: str
    second: str
    share: float
    """How much of the shorter one is found in the other, 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Submissions that are alike, each like one other of the group at least."""

    students: tuple[str, ...]
    """Two or more, by name."""
    least: float
    """The smallest share of a pair of the group that is listed, 0 to 1."""
    most: float


def groups(pairs: Sequence[Pair]) -> tuple[Group, ...]:
    """Return the groups that `pairs` connect, the largest first."""
    group_of: dict[str, set[str]] = {}
    for pair in pairs:
        joined = group_of.get(pair.first, {pair.first}) | group_of.get(pair.second, {pair.second})
        for name in joined:
            group_of[name] = joined
    found = {id(names): names for names in group_of.values()}.values()
    return tuple(sorted((_group(names, pairs) for names in found),
                        key=lambda one: (-len(one.students), -one.most, one.students)))  # fmt: skip


def _group(names: set[str], pairs: Sequence[Pair]) -> Group:
    shares = [pair.share for pair in pairs if pair.first in names]
    students = tuple(sorted(names, key=str.casefold))
    return Group(students=students, least=min(shares), most=max(shares))


def similar(
    entries: Sequence[Entry], challenge: Challenge, settings: Settings, *, share: float = SHARE
) -> tuple[Pair, ...]:
    """Return the pairs of `entries` that have at least `share` of their code in common, most first.

    What cannot be read is like nothing.
    """
    given = fingerprints(_code(challenge.root / "starter"))
    prints = {}
    for entry in entries:
        own = fingerprints(_code_of(entry, challenge, settings)) - given
        if len(own) >= LEAST:
            prints[clean(entry.student)] = own
    pairs = []
    for (first, one), (second, other) in combinations(prints.items(), 2):
        common = len(one & other) / min(len(one), len(other))
        if common >= share:
            pairs.append(Pair(first=first, second=second, share=common))
    return tuple(sorted(pairs, key=lambda pair: -pair.share)[:MAX_PAIRS])


def fingerprints(code: Sequence[str]) -> frozenset[bytes]:
    """Those of the files in `code`."""
    chosen: set[bytes] = set()
    for text in code:
        words = list(_words(text))
        hashes = [_hash(words[at : at + RUN]) for at in range(len(words) - RUN + 1)]
        last = max(len(hashes) - WINDOW + 1, 1)
        chosen |= {min(hashes[at : at + WINDOW]) for at in range(last) if hashes}
    return frozenset(chosen)


def _words(text: str) -> Iterator[str]:
    """Yield the tokens of `text` that mean something, up to where it is no Python."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type not in SPACE:
                yield token.string if token.string in PLAIN else KINDS.get(token.type, token.string)
    except (tokenize.TokenError, SyntaxError):
        return


def _hash(words: Sequence[str]) -> bytes:
    return hashlib.blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=8).digest()


def _code_of(entry: Entry, challenge: Challenge, settings: Settings) -> list[str]:
    """Return the Python files that `entry` handed in; none where they cannot be read."""
    with workspace(settings.state, new_run_id()) as folder:
        try:
            taken = take(
                entry.source, folder, ref=entry.ref, allow_file=settings.git_file, history=False,
                mode=challenge.mode,
                cancel=threading.Event(),
            )  # fmt: skip
        except (GraderError, OSError):
            return []
        return _code(taken.root)


def _code(root: Path) -> list[str]:
    """Return the Python files below `root`, up to `MAX_CODE` in all."""
    texts, left = [], MAX_CODE
    for path in _files(root):
        with path.open(encoding="utf-8", errors="replace") as file:
            texts.append(file.read(left))
        left -= len(texts[-1])
        if left <= 0:
            break
    return texts


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        own = not {"venv", ".venv", "node_modules", "site-packages", "__pycache__"} & set(parts)
        if own and path.is_file() and not path.is_symlink():
            yield path
