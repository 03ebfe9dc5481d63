"""Python that this Python does not read: of version 2, with marks of a merge, or broken off.

What stands in the way is taken out line by line, so that the rest can be read by its syntax.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.python_source import broken_line

MAX_CHARACTERS = 48 * 1024
MAX_TRIES = 12
MERGE = re.compile(r"(?m)^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?$")
PRINT = re.compile(r"(?m)(?P<before>^[ \t]*|:[ \t]+)print(?:[ \t]+(?![ \t(=.]).*|[ \t]*)$")
EXCEPT = re.compile(
    r"(?m)(?P<before>^[ \t]*except[ \t]+[\w.() ,]{1,200}?),[ \t]*(?P<name>\w+)[ \t]*:"
)
RAISE = re.compile(r"(?m)^(?P<before>[ \t]*raise[ \t]+[\w.]{1,80}),[ \t]*[^\n]+$")


@dataclass(frozen=True, kw_only=True)
class RepairedModule:
    """A module that Python reads, and what was taken out of it; lines stay where they are."""

    text: str
    removed: str


def repaired(text: str) -> RepairedModule | None:
    """Return `text` without what keeps Python from reading it; None where too much does."""
    if len(text) > MAX_CHARACTERS:
        return None
    before = text.split("\n")
    after = _modern(text).split("\n")
    for _ in range(MAX_TRIES):
        number = broken_line("\n".join(after))
        if number == 0:
            removed = [old if old != new else "" for old, new in zip(before, after, strict=True)]
            return RepairedModule(text="\n".join(after), removed="\n".join(removed))
        if not 0 < number <= len(after):
            return None
        after[number - 1] = _stand_in(after[number - 1])
    return None


def _modern(text: str) -> str:
    """Return `text` with what Python 2 wrote differently as Python 3 has it, line for line."""
    text = MERGE.sub("", text)
    text = PRINT.sub(r"\g<before>pass", text)
    text = EXCEPT.sub(r"\g<before> as \g<name>:", text)
    return RAISE.sub(r"\g<before>", text)


def _stand_in(line: str) -> str:
    """Return what takes the place of a line: of what begins a block, something that does."""
    indent = line[: len(line) - len(line.lstrip())]
    if line.strip() in {"pass", "if True:", ""}:
        return ""
    return indent + ("if True:" if line.rstrip().endswith(":") else "pass")
