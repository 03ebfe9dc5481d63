"""Quotes that have become a part of a value: a list entry `NAME="value"` keeps them."""

from __future__ import annotations

import re
from pathlib import Path

from grader.inspect.compose.project import Project
from grader.inspect.files import read_text
from grader.text import clip

QUOTED = re.compile(r"""(["'])(.+)\1""")
SHOWN = 4
LONGEST = 60


def quoted_values(root: Path, project: Project) -> tuple[str, ...]:
    """Return a sentence for each variable of the Compose file whose value has quotes around it.

    Variables of passwords are named, their values are not shown.
    """
    lines = read_text(root, project.path).splitlines()
    found = [
        (name, value)
        for service in project.services.values()
        for name, value in service.environment.written.items()
        if QUOTED.fullmatch(value)
    ]
    return tuple(_sentence(name, value, project.path, lines) for name, value in found[:SHOWN])


def _sentence(name: str, value: str, path: str, lines: list[str]) -> str:
    entry = re.compile(rf"""^\s*-\s*["']?{re.escape(name)}\s*=\s*\\?["']""")
    number = next((at for at, line in enumerate(lines, 1) if entry.match(line)), 0)
    where = f"{path}, line {number}" if number else path
    inner = value[1:-1]
    return (
        f"{name} in {where}, has quotes inside its value. Write {name}: {clip(inner, LONGEST)}"
        + ("." if number else ", without a second pair of quotes.")
    )
