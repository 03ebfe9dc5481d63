"""The `submission` fixture: what was handed in, to be read."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from grader.exam.dispatch import remote
from grader.exam.faults import Mismatch, NotReached
from grader.exam.operations import CommitLog, RepositoryTag, SubmissionOperations
from grader.exam.protocol import Caller
from grader.exam.workflows import Workflow, read_workflows
from grader.python_source import parse_python
from grader.text import clean, clip

MAX_BYTES = 2 * 1024 * 1024
MOST_SHOWN = 12
"""Branches, tags or workflows that a sentence names."""
SHOWN = 60
"""Characters of each that it shows."""
T = TypeVar("T")


class Snapshot:
    """The submission's files. Reading follows no link and decodes whatever is there."""

    def __init__(self, caller: Caller, root: Path, dockerfile: str | None) -> None:
        self._operations: SubmissionOperations = remote(SubmissionOperations, "submission", caller)
        self._root = root
        self._dockerfile = dockerfile
        self._log: CommitLog | None = None

    def files(self) -> tuple[str, ...]:
        """Paths of all files, relative, with slashes, sorted."""
        return tuple(
            sorted(
                path.relative_to(self._root).as_posix()
                for path in self._root.rglob("*")
                if path.is_file() and not path.is_symlink()
            )
        )

    def has(self, path: str) -> bool:
        """Return whether `path` is a file."""
        return (self._root / path).is_file() and not (self._root / path).is_symlink()

    def text(self, path: str) -> str:
        """Return the text of a file, cleaned of control characters; empty where there is none."""
        if not self.has(path):
            return ""
        with (self._root / path).open("rb") as reader:
            return clean(reader.read(MAX_BYTES).decode("utf-8", "replace"))

    @property
    def dockerfile(self) -> str:
        """The text of the Dockerfile; empty where there is none."""
        return self.text(self._dockerfile) if self._dockerfile else ""

    def python_sources(self) -> dict[str, ast.Module]:
        """Each Python file that parses, by path."""
        sources = {}
        for path in self.files():
            if path.endswith(".py") and (tree := parse_python(self.text(path))):
                sources[path] = tree  # what does not parse: the app's start tells the rest
        return sources

    def workflows(self) -> dict[str, Workflow]:
        """Each workflow of GitHub Actions by its path, `.github/workflows/*.yml` and `*.yaml`.

        A file that is no YAML or no mapping loses the criterion, with the line, and so do more than
        50 workflows, 1 MiB or 50,000 values. No link is followed; where there is no such folder,
        there are none. They are read as YAML 1.2: the key `on` is `"on"`.
        """
        return ByName("workflow", read_workflows(self._root))

    @property
    def log(self) -> list[dict[str, Any]]:
        """The commits, newest first: commit, author, email, date, parents, subject, files.

        The challenge says that its suite reads them: `submission: {history: true}`. Where the
        history cannot be read whole, the criterion of the test is not reached.
        """
        return [dict(one) for one in self._history().commits]

    @property
    def branches(self) -> dict[str, str]:
        """The branches by name, each with its newest commit; told and read as `log` is.

        Those of a clone's `origin` count where it has no branch of that name itself. Names are
        cleaned, and cut at 250 characters; more than 1,000 branches or tags lose the criterion, and
        so does a name in brackets that is not there.
        """
        return ByName("branch", self._named().branches)

    @property
    def tags(self) -> dict[str, RepositoryTag]:
        """The tags by name, those that lead to no commit left out; told and read as `branches`."""
        return ByName("tag", self._named().tags)

    def _named(self) -> CommitLog:
        """Return the history. Raises `Mismatch` where it has too many branches or tags."""
        found = self._history()
        if found.excess:
            raise Mismatch(found.excess)
        return found

    def _history(self) -> CommitLog:
        """Return the history, asked for once. Raises `NotReached` where it is not whole."""
        if self._log is None:
            self._log = self._operations.log()
        if self._log.unread:
            msg = f"Not all of your git history could be read: {self._log.unread}"
            raise NotReached(msg)
        return self._log


class ByName(dict[str, T]):
    """Branches, tags or workflows. A name that is not there fails the criterion, not the suite."""

    def __init__(self, kind: str, named: Mapping[str, T]) -> None:
        """`kind` is what sentences call one of them."""
        super().__init__(named)
        self._kind = kind

    def __missing__(self, name: str) -> NoReturn:
        known = ", ".join([clip(one, SHOWN) for one in self][:MOST_SHOWN]) or "none at all"
        msg = f"Your repository has no {self._kind} {name!r}; it has {known}."
        raise Mismatch(msg)
