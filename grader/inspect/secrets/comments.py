"""What stands in comments: hints, for it does not run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from grader.inspect.secrets import phrases
from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Hit, Note, Severity, Skipped
from grader.inspect.secrets.lines import assignments
from grader.inspect.secrets.placing import placed
from grader.inspect.secrets.styles import CONFIG, SHELL

COMMENT = re.compile(r"(?m)(?:^|[ \t])#[ \t]{0,9}(?P<text>[^\n]{6,400}+)$")
MAX_COMMENTS = 2000
COMMENTS = Skipped(
    path="", reason=f"only the first {MAX_COMMENTS} comments that may tell a secret were looked at"
)


def comments_of(
    text: str, place: FileRole, wants: list[Note] | None, signs: tuple[str, ...]
) -> list[Hit]:
    """Return what stands in comments of YAML and Dockerfiles: where somebody may really use it.

    A comment without any of `signs` tells nothing.
    """
    here = FileRole.EXAMPLE if place is FileRole.RUNS else place
    told: list[str] = []
    numbers: list[int] = []
    line, counted = 1, 0
    for found in COMMENT.finditer(text):
        inner = found["text"]
        lower = inner.lower()
        if not any(sign in lower for sign in signs):
            continue
        if len(told) >= MAX_COMMENTS:
            if wants is not None:
                wants.append(COMMENTS)
            break
        line += text.count("\n", counted, found.start("text"))
        counted = found.start("text")
        told.append(inner)
        numbers.append(line)
    # All at once, each far from the next, as if it stood alone.
    joined = APART.join(told)
    hits = placed(joined, assignments(joined, here, SHELL))
    hits += placed(joined, assignments(joined, here, CONFIG))
    hits += placed(joined, phrases.urls(joined, here))
    return [replace(hit, line=numbers[hit.line // GAP], sure=False) for hit in hits]


GAP = 250
APART = "\n" * GAP
"""Longer than what the reader of assignments looks at around a name."""


MARKS = {
    "code": ("#", "//", "/*", "* ", "--", "<!--"),
    "config": ("#", ";"),
    "shell": ("#", "REM "),
}
"""What a line that is a comment begins with, in each kind of file."""


def toned_down(found: Iterable[tuple[int, Hit]], text: str, kind: str) -> Iterator[tuple[int, Hit]]:
    """Yield hits; those in lines that are comments as hints, and of these no weak ones."""
    marks = MARKS.get(kind)
    for at, hit in found:
        begin = text.rfind("\n", max(0, at - 300), at) + 1 if marks else at
        if not marks or not text[begin:at].lstrip().startswith(marks):
            yield at, hit
        elif hit.severity is not Severity.WEAK:
            yield at, replace(hit, sure=False)
