"""Variables that an app reads and nothing gives it: what the diagnosis of its start is told."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from grader.inspect.compose.names import role
from grader.inspect.dockerfile import Dockerfile
from grader.inspect.reads import unset
from grader.sandbox.missing_variables import Unset


def unset_of(
    folder: Path, given: Collection[str], dockerfile: Dockerfile | None
) -> tuple[Unset, ...]:
    """Return what the Python in `folder` reads, given the names of its environment."""
    return tuple(
        Unset(
            name=one.name,
            where=f"{one.path}, line {one.line}",
            role=str(role(one.name)),
            indirect=one.indirect,
        )
        for one in unset(folder, given, dockerfile)
    )
