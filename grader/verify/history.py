"""Whether a challenge says that its suite reads the git history."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from grader.model import Challenge
from grader.python_source import parse_python

FIXTURE, READS = "submission", frozenset({"log", "branches", "tags"})
"""The fixture, and what of it reads the history."""


def history_problems(challenge: Challenge) -> Iterator[str]:
    """Yield a sentence for each line of the suite that reads a history nobody has announced.

    A suite that reads it in a roundabout way is found when it runs.
    """
    if challenge.history:
        return
    for path in sorted((challenge.root / "tests").rglob("*.py")):
        name = path.relative_to(challenge.root).as_posix()
        for line, read in _lines_that_read(path):
            yield (
                f"{name}:{line}: submission.{read} is of the git history, which challenge.yml does "
                "not announce; write `submission: {history: true}` there."
            )


def _lines_that_read(path: Path) -> list[tuple[int, str]]:
    tree = parse_python(path.read_text("utf-8", "replace"))
    return [
        (node.lineno, node.attr)
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Attribute)
        and node.attr in READS
        and isinstance(node.value, ast.Name)
        and node.value.id == FIXTURE
    ]
