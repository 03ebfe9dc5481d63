"""Variables that an app reads and nothing gives it: what the diagnosis of its start is told."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from grader.inspect.compose.names import Role, is_of_database, role
from grader.inspect.dockerfile import Dockerfile
from grader.inspect.reads import fallbacks, unset
from grader.sandbox.missing_variables import Fallback, Unset

PLAIN = re.compile(r"(?:USER_?)?PASS(?:WORD|WD)?", re.IGNORECASE)
"""Names of a password that say of nothing else that it is for."""


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


def fallbacks_of(
    folder: Path, given: Collection[str], dockerfile: Dockerfile | None
) -> tuple[Fallback, ...]:
    """Return what the Python in `folder` takes in the place of variables that nothing gives."""
    return tuple(
        Fallback(
            name=one.name, value=one.value, where=f"{one.path}, line {one.line}",
            role=_role(one.name),
        )
        for one in fallbacks(folder, given, dockerfile)
    )  # fmt: skip


def _role(name: str) -> str:
    """Return what a variable stands for; nothing for a password that is not a database's."""
    found = role(name)
    other = found is Role.PASSWORD and not (is_of_database(name) or PLAIN.fullmatch(name))
    return "" if other else str(found)
