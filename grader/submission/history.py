"""The git log of a submission, taken so that nothing of its repository's configuration acts."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.submission.history_blobs import History
from grader.submission.history_copy import UnreadableHistory
from grader.submission.history_refs import NamedCommits
from grader.text import clean, clip

MAX_FILES = 2000
"""Paths that are listed of one commit."""
MAX_LOG = 8 * 1024 * 1024
"""Bytes of all commits as JSON: half of what the suite's process is told at once."""
FIELDS = ("commit", "author", "email", "date", "parents", "subject")


@dataclass(frozen=True, kw_only=True)
class HistoryLog:
    """The commits of a repository, and why they are not all."""

    commits: tuple[Mapping[str, Any], ...]
    """Those reachable, newest first; none where it is no git repository.

    Each has `commit`, `author`, `email`, `date` (ISO 8601), `parents` (separated by spaces),
    `subject` and `files` (the paths that it adds, changes or deletes).
    """
    unread: str
    """What could not be read and how to hand it in, in sentences; empty where all was."""
    named: NamedCommits = field(default_factory=NamedCommits)
    """Its branches and tags."""


def history_of(origin: Path, scratch: Path, cancel: threading.Event | None = None) -> HistoryLog:
    """Return what a suite is told of the repository at `origin`.

    `scratch` is an existing folder for the copy.
    """
    history = History(origin, scratch, cancel)
    history.look_through()
    try:
        commits = _commits(history)
        _require_short(commits)
    except UnreadableHistory as error:
        history.problem = history.problem or str(error)
        commits = []
    return HistoryLog(commits=tuple(commits), unread=history.advice, named=history.named)


def _require_short(commits: list[dict[str, Any]]) -> None:
    """Raise `UnreadableHistory` where a suite cannot be told of so much."""
    if sum(len(json.dumps(one)) for one in commits) > MAX_LOG:
        msg = f"its log, with the files of each commit, comes to more than {MAX_LOG >> 20} MiB"
        raise UnreadableHistory(msg)


def _commits(history: History) -> list[dict[str, Any]]:
    lines = history.lines(
        "-c", "core.quotePath=false", "log", "--all", "--no-textconv", "--no-ext-diff",
        "--no-renames", "--name-only", "--format=%x1e%H%x1f%an%x1f%ae%x1f%aI%x1f%P%x1f%s",
    )  # fmt: skip
    commits: list[dict[str, Any]] = []
    for line in lines:
        head, mark, row = line.partition("\x1e")
        fields = row.split("\x1f")
        if mark and len(fields) == len(FIELDS):
            named = zip(FIELDS, fields, strict=True)
            commits.append({name: clip(clean(value), 500) for name, value in named})
            commits[-1]["files"] = []
        elif commits and head and len(commits[-1]["files"]) < MAX_FILES:
            commits[-1]["files"].append(clip(clean(head), 500))
    return commits
