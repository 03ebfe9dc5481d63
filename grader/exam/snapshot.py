"""The `submission` fixture: what was handed in, to be read."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from grader.exam.dispatch import remote
from grader.exam.faults import NotReached
from grader.exam.operations import SubmissionOperations
from grader.exam.protocol import Caller
from grader.python_source import parse_python
from grader.text import clean

MAX_BYTES = 2 * 1024 * 1024


class Snapshot:
    """The submission's files. Reading follows no link and decodes whatever is there."""

    def __init__(self, caller: Caller, root: Path, dockerfile: str | None) -> None:
        self._operations: SubmissionOperations = remote(SubmissionOperations, "submission", caller)
        self._root = root
        self._dockerfile = dockerfile

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

    @property
    def log(self) -> list[dict[str, Any]]:
        """The commits, newest first: commit, author, email, date, parents, subject.

        The challenge says that its suite reads them: `submission: {history: true}`. Where the
        history cannot be read whole, the criterion of the test is not reached.
        """
        found = self._operations.log()
        if found.unread:
            msg = f"Not all of your git history could be read: {found.unread}"
            raise NotReached(msg)
        return [dict(one) for one in found.commits]
