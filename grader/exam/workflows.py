"""The workflows of a submission (GitHub Actions), read within bounds as YAML 1.2 has it.

`on` is a text there and no truth value, as a key and as a value. Whatever cannot be read, or is of
another form than a workflow, fails the criterion and not the suite.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, NoReturn

from grader.exam.faults import Mismatch
from grader.text import clean, clip
from grader.yamldoc import MAX_BYTES, Document, Place, parse

FOLDER = ".github/workflows"
MOST_FILES = 50
"""Workflows that are read."""
MOST_BYTES = MAX_BYTES
"""Bytes of all of them together."""
MOST_VALUES = 50_000
"""Values of all of them together, once aliases are unfolded."""
SHOWN = 200
"""Characters of a file's name that are told."""


class WorkflowMapping(dict[str, Any]):
    """A mapping of a workflow. A key that is not there fails the criterion, not the suite."""

    def __init__(self, place: str, values: dict[str, Any]) -> None:
        """`place` is what sentences call it."""
        super().__init__(values)
        self._place = place

    def __missing__(self, key: str) -> NoReturn:
        known = ", ".join(clip(one, 60) for one in list(self)[:12]) or "no keys at all"
        msg = f"{self._place} has no key {key!r}; it has {known}."
        raise Mismatch(msg)


class WorkflowList(list[Any]):
    """A list of a workflow. An item that is not there fails the criterion, not the suite."""

    def __init__(self, place: str, values: list[Any]) -> None:
        """`place` is what sentences call it."""
        super().__init__(values)
        self._place = place

    def __getitem__(self, index: Any) -> Any:
        try:
            return super().__getitem__(index)
        except IndexError:
            msg = f"{self._place} has {len(self)} items; number {index} is missing."
        except TypeError:
            msg = f"{self._place} is a list where a mapping with {index!r} was expected."
        raise Mismatch(msg)


class Workflow(WorkflowMapping):
    """A workflow as it is written: a dict with `on`, `jobs` and all else.

    A key that is not there fails the criterion, in the mappings within it, too. Whether a value is
    a text, a list or a mapping is for the suite to look at.
    """

    @property
    def events(self) -> dict[str, Any]:
        """What it runs on: each event of `on` with its settings, None where it has none."""
        match self["on"]:
            case str(name):
                return {name: None}
            case list(names) if all(isinstance(one, str) for one in names):
                return dict.fromkeys(names)
            case dict(settings):
                return settings
        msg = f"{self._place}: `on` should name events: a text, a list of them or a mapping."
        raise Mismatch(msg)

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps of all jobs, in their order; a job that calls another workflow has none."""
        jobs, found = self["jobs"], list[dict[str, Any]]()
        if not isinstance(jobs, dict):
            self._refuse("jobs", "a mapping of jobs")
        for name, job in jobs.items():
            if not isinstance(job, dict):
                self._refuse(f"jobs.{name}", "a mapping")
            if "uses" in job and "steps" not in job:
                continue
            steps = job["steps"]
            if not (isinstance(steps, list) and all(isinstance(one, dict) for one in steps)):
                self._refuse(f"jobs.{name}.steps", "a list of mappings")
            found += steps
        return found

    def _refuse(self, place: str, wanted: str) -> NoReturn:
        msg = f"{self._place}: {clip(place, SHOWN)} should be {wanted}."
        raise Mismatch(msg)


def read_workflows(root: Path) -> dict[str, Workflow]:
    """Return the workflows of the submission in `root` by their paths, sorted.

    Raises `Mismatch` where one cannot be read, or there are more than are read.
    """
    found: dict[str, Workflow] = {}
    size = values = 0
    for path in _files(root):
        with path.open("rb") as reader:
            raw = reader.read(MAX_BYTES + 1)
        name = clip(clean(f"{FOLDER}/{path.name}"), SHOWN)
        document = parse(name, raw, core=True)
        size, values = size + len(raw), values + len(document.lines)
        if not document.problems and (size > MOST_BYTES or values > MOST_VALUES):
            msg = (
                f"Your workflows in {FOLDER} come to more than {MOST_BYTES >> 20} MiB or "
                f"{MOST_VALUES} values together, of which no more are read. Shorten them."
            )
            raise Mismatch(msg)
        found[name] = _workflow(document)
    return found


def _files(root: Path) -> list[Path]:
    """Return the files of the workflows, links left out. Raises `Mismatch` for too many."""
    folder = root
    for part in FOLDER.split("/"):
        folder /= part
        if folder.is_symlink() or not folder.is_dir():
            return []
    with os.scandir(folder) as entries:
        found = sorted(
            Path(one.path)
            for one in entries
            if one.name.endswith((".yml", ".yaml")) and one.is_file(follow_symlinks=False)
        )
    if len(found) > MOST_FILES:
        msg = (
            f"Your repository has {len(found)} workflows in {FOLDER}, and at most {MOST_FILES} are "
            "read. Delete those that nobody needs."
        )
        raise Mismatch(msg)
    return found


def _workflow(document: Document) -> Workflow:
    """Return what a document holds. Raises `Mismatch` where that is no workflow."""
    if document.problems:
        more = len(document.problems) - 1
        also = f" ({more} more like this)" * (more > 0)
        msg = f"A workflow of your repository cannot be read. {document.problems[0]}{also}"
        raise Mismatch(msg)
    if not isinstance(document.value, dict):
        msg = f"{document.name} is no workflow: it should be a mapping with `on` and `jobs`."
        raise Mismatch(msg)
    return Workflow(document.name, _inner(document, document.value, ()))


def _inner(document: Document, values: dict[str, Any], place: Place) -> dict[str, Any]:
    return {clean(key): _wrapped(document, value, (*place, key)) for key, value in values.items()}


def _wrapped(document: Document, value: Any, place: Place) -> Any:
    """Return a value with its place for sentences, texts cleaned."""
    match value:
        case dict():
            return WorkflowMapping(_at(document, place), _inner(document, value, place))
        case list():
            items = [_wrapped(document, one, (*place, at)) for at, one in enumerate(value)]
            return WorkflowList(_at(document, place), items)
        case str():
            return clean(value)
        case float() if not math.isfinite(value):
            return None
    return value


def _at(document: Document, place: Place) -> str:
    return clean(document.at(place))
