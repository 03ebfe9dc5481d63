"""Where symbolic links lead, worked out from what they name: nothing on disk is followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

MOST = 40
"""Links on the way to one file: Linux itself follows no more (ELOOP)."""
MAX_STEPS = 300_000
"""Parts of paths that are looked at for all links together."""


@dataclass
class Links:
    """The links of one tree, each with what it names."""

    aims: Mapping[PurePosixPath, str]
    steps: int = MAX_STEPS

    def __post_init__(self) -> None:
        self._known = {str(path): aim for path, aim in self.aims.items()}

    def fault(self, inner: PurePosixPath) -> str:
        """Return why the link `inner` cannot be kept, in a clause.

        Empty where it stays in the tree.
        """
        at: list[str] = []
        waiting = list(reversed(inner.parts))
        hops = 0
        while waiting:
            self.steps -= 1 + len(at) // 16  # what looking up so long a path takes
            part = waiting.pop()
            if part in {"", "."}:
                continue
            if part == "..":
                if not at:
                    return "its link leads outside"
                at.pop()
                continue
            at.append(part)
            aim = self._known.get("/".join(at))
            if aim is None:
                continue
            hops += 1
            if hops > MOST or self.steps < 0:
                return f"its link leads through more than {MOST} others, or to itself"
            if aim.startswith("/"):
                return "its link leads outside"
            at.pop()
            waiting += reversed(aim.split("/"))
        return ""
