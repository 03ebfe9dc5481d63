"""What went to and fro in a conversation, kept for people to read and bounded."""

from __future__ import annotations

from collections import deque

from grader.text import clean, clip

FIRST, LAST = 12, 28
"""Lines that are kept of the beginning and of the end."""
WIDTH = 200
"""Characters of a line."""


class Transcript:
    """Keeps the first and the last lines of a conversation; one for each thing that was said."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=LAST)
        self._count = 0

    def add(self, line: str) -> None:
        """Note a line; line breaks and control characters within it are made visible."""
        shown = clean(clip(line, WIDTH)).replace("\n", "\\n")
        self._count += 1
        if len(self._first) < FIRST:
            self._first.append(shown)
        else:
            self._last.append(shown)

    def __str__(self) -> str:
        left_out = self._count - len(self._first) - len(self._last)
        between = [f"… {left_out} lines left out here …"] if left_out else []
        return "\n".join([*self._first, *between, *self._last])
