"""Literals that stand in for a variable within a value: of Spring, ERB and commands of a shell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Hit
from grader.inspect.secrets.lines import assignments
from grader.inspect.secrets.styles import CODE, SHELL

SPRING = re.compile(r"\$\{(?P<name>[\w.-]{1,80}):(?P<value>[^}$?+=#-][^}$]{0,199})\}")
"""`${DB_PASSWORD:literal}`: what Compose knows nothing of."""
COMMANDS = frozenset({"command", "entrypoint", "run", "script", "before_script", "test", "args"})
"""Keys whose values are commands of a shell."""


def stand_ins(name: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield each literal that a value holds for a variable which is not there, with its name."""
    for found in SPRING.finditer(value):
        yield found["name"] if found.start() else name, found["value"]
    if value.startswith("<%"):
        for _, hit in assignments(value, FileRole.RUNS, CODE):
            yield hit.name, hit.value


def of_commands(key: str, text: str, place: FileRole) -> Iterator[tuple[int, Hit]]:
    """Yield what a command of one line gives variables: `sh -c "SECRET_KEY=… flask run"`."""
    if key.lower() in COMMANDS and "=" in text and "\n" not in text:
        yield from assignments(text, place, SHELL)
