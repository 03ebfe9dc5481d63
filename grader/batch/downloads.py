"""Who is who in what course systems hand out: the names of files and folders, and their lists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.batch.entry import Entry
from grader.errors import UsageError
from grader.submission.project import is_archive_name
from grader.text import clean, clip

MOODLE = re.compile(
    r"(?P<student>.+?)_(?P<number>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_.*)?"
)
"""`Full name_participant number_assignsubmission_file_`: a folder, or the beginning of a file."""
CANVAS = re.compile(r"(?P<student>[^_]+)_(?:LATE_)?(?P<number>\d+)_\d+_.+")
"""`lastfirst_user number_file number_name`, with `LATE_` in it where it came late."""
GRADESCOPE_LIST = "submission_metadata.yml"
MAX_LIST = 16 * 1024 * 1024


def read_downloads(folder: Path, entries: Sequence[Entry]) -> list[Entry]:
    """Return `entries` of the class in `folder` with the names that its course system means.

    Moodle's text fields are left out where the student handed in files, too. Two students of one
    name are told apart by their numbers. Raises `UsageError` where Gradescope's list cannot be
    read.
    """
    listed = _gradescope(folder / GRADESCOPE_LIST)
    read = [_read(entry, listed) for entry in entries]
    return _told_apart([one for one in read if not _only_text(one, read)])


def _read(entry: Entry, listed: Mapping[str, Entry]) -> Entry:
    name = Path(entry.source).name
    if known := listed.get(name):
        return replace(known, source=entry.source)
    if found := MOODLE.fullmatch(name):
        return replace(entry, student=found["student"], id=f"Participant {found['number']}")
    if is_archive_name(name) and (found := CANVAS.fullmatch(name)):
        return replace(entry, student=found["student"], canvas_id=found["number"])
    return entry


def _only_text(entry: Entry, entries: Sequence[Entry]) -> bool:
    """Return whether it is Moodle's text field of a student who handed in a file as well."""
    found = MOODLE.fullmatch(Path(entry.source).name)
    if not found or found["kind"] != "onlinetext":
        return False
    return any(
        one.id == entry.id and one.source != entry.source and "_assignsubmission_file" in one.source
        for one in entries
    )


def _told_apart(entries: list[Entry]) -> list[Entry]:
    """With its number in each name that several have."""
    names = [entry.student.casefold() for entry in entries]
    return [
        replace(entry, student=f"{entry.student} ({number})")
        if number and names.count(entry.student.casefold()) > 1
        else entry
        for entry in entries
        for number in [entry.canvas_id or entry.id.removeprefix("Participant ")]
    ]


def _gradescope(path: Path) -> dict[str, Entry]:
    """Return the students of each folder of Gradescope's export; empty where there is no list."""
    import yaml

    if not path.is_file() or path.is_symlink():
        return {}
    if path.stat().st_size > MAX_LIST:
        msg = f"{path} is larger than {MAX_LIST >> 20} MiB, which no list of a class is."
        raise UsageError(msg)
    try:
        rows: Any = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        said = clip(clean(str(error)).replace("\n", " "), 200)
        msg = f"{path} cannot be read as the list that Gradescope writes: {said}; export it again."
        raise UsageError(msg) from error
    if not isinstance(rows, dict):
        return {}
    return {
        str(name): Entry(
            student=_joined(people, "name") or str(name), source="",
            email=_joined(people, "email"), id=_joined(people, "sid"),
        )
        for name, row in rows.items()
        for people in [_submitters(row)]
    }  # fmt: skip


def _submitters(row: object) -> list[dict[str, Any]]:
    found = row.get(":submitters") if isinstance(row, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _joined(people: Sequence[Mapping[str, Any]], what: str) -> str:
    values = [clip(clean(str(one[f":{what}"])), 200) for one in people if one.get(f":{what}")]
    return ", ".join(values)
