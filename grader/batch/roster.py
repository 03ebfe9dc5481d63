"""Who hands in what: the entries of a folder of submissions, or of a manifest."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from grader.batch.downloads import GRADESCOPE_LIST, read_downloads
from grader.batch.entry import Entry
from grader.batch.manifest import read_manifest
from grader.errors import UsageError
from grader.submission.project import ARCHIVES, is_companion
from grader.text import clean, clip

SINGLE = ("Dockerfile", "docker-compose.yml", "compose.yml")


def read_roster(source: Path) -> tuple[Entry, ...]:
    """Return the entries of the folder or manifest (.csv, .json) `source`, by name.

    Raises `UsageError` with every fault found: nothing there, a single submission, a manifest
    that cannot be read, two students of one name, id or email.
    """
    if source.is_dir():
        entries = _folder(source)
    elif source.is_file() and source.suffix.lower() in {".csv", ".json"}:
        entries = read_manifest(source)
    else:
        msg = f"{source} is no folder of submissions and no manifest (.csv, .json); name one."
        raise UsageError(msg)
    if not entries:
        msg = f"{source} holds no submissions: put a folder or an archive for each student into it."
        raise UsageError(msg)
    if problems := _duplicates(entries):
        listing = "\n".join(f"  - {problem}" for problem in problems)
        msg = f"Students of {source} cannot be told apart; rename one of each:\n{listing}"
        raise UsageError(msg)
    return tuple(sorted(entries, key=lambda entry: entry.student))


def _folder(folder: Path) -> list[Entry]:
    if found := next((name for name in SINGLE if (folder / name).exists()), None):
        msg = (
            f"{folder} holds a {found}, so it is one submission: name the folder above it, or use "
            "`grader grade`."
        )
        raise UsageError(msg)
    entries = [
        Entry(student=_student(path), source=str(path))
        for path in folder.iterdir()
        if not path.name.startswith(".") and not is_companion(path.name)
        and path.name != GRADESCOPE_LIST
    ]  # fmt: skip
    return read_downloads(folder, entries)


def _student(path: Path) -> str:
    """Return the name of a folder, or an archive's without its suffix."""
    if path.is_dir():
        return path.name
    known = sorted(ARCHIVES, key=len, reverse=True)
    suffix = next((one for one in known if path.name.lower().endswith(one)), path.suffix)
    return path.name[: len(path.name) - len(suffix)] or path.name


def _duplicates(entries: Sequence[Entry]) -> list[str]:
    """Return a sentence for each name, id and email that two entries share."""
    keys: dict[str, Callable[[Entry], str]] = {
        "name": lambda entry: entry.student,
        "id": lambda entry: entry.id,
        "email": lambda entry: entry.email,
    }
    problems = []
    for what, key in keys.items():
        seen: dict[str, list[Entry]] = {}
        for entry in entries:
            if folded := unicodedata.normalize("NFC", key(entry)).casefold():
                seen.setdefault(folded, []).append(entry)
        problems += [
            f"{len(same)} have the {what} {_shown(key(same[0]))}: "
            + ", ".join(_shown(entry.source) for entry in same[:5])
            for same in seen.values()
            if len(same) > 1
        ]
    return problems


def _shown(text: str) -> str:
    return clip(clean(text), 120)
