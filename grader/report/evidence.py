"""Evidence in its parts: the request that can be sent again, and what came back."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

MAX_LINES = 40
"""Lines that a curl line may span: a body in it may hold newlines."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """One criterion's evidence."""

    command: str = ""
    """A curl line to copy; empty where there is none."""
    answer: str = ""
    """The rest."""


def parts(evidence: str) -> Parts:
    """`evidence` with its leading curl line apart, where it is one that does nothing else.

    An app's log may begin with "curl", too. Only what is quoted exactly as `shlex.join` does it is
    offered for copying: in that no word can be an operator, an expansion or a second command.
    """
    if not evidence.startswith("curl -i "):
        return Parts(answer=evidence)
    lines = evidence.split("\n")
    for count in range(1, min(len(lines), MAX_LINES) + 1):
        command = "\n".join(lines[:count])
        if _is_one_command(command):
            return Parts(command=command, answer="\n".join(lines[count:]))
    return Parts(answer=evidence)


def _is_one_command(text: str) -> bool:
    try:
        return shlex.join(shlex.split(text)) == text
    except ValueError:
        return False  # a quote is still open
