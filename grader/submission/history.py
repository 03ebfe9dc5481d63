"""The git log of a submission, taken so that nothing of its repository's configuration acts."""

from __future__ import annotations

from pathlib import Path

from grader.submission.history_copy import Unreadable, copy_repository
from grader.text import clean, clip

FIELDS = ("commit", "author", "email", "date", "parents", "subject")


def history_of(origin: Path, scratch: Path) -> list[dict[str, str]]:
    """The commits reachable in the repository at `origin`, newest first.

    Each has `commit`, `author`, `email`, `date` (ISO 8601), `parents` (separated by spaces) and
    `subject`. Empty where `origin` is no git repository or cannot be read. `scratch` is an
    existing folder for the copy.
    """
    try:
        lines = copy_repository(origin, scratch).lines(
            "log", "--all", "--no-textconv", "--no-ext-diff",
            "--format=%H%x1f%an%x1f%ae%x1f%aI%x1f%P%x1f%s",
        )  # fmt: skip
    except Unreadable:
        return []
    rows = (line.split("\x1f") for line in lines)
    return [
        {name: clip(clean(value), 500) for name, value in zip(FIELDS, row, strict=True)}
        for row in rows
        if len(row) == len(FIELDS)
    ]
