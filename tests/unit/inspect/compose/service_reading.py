"""Compose files with one service, and what is read of it."""

from __future__ import annotations

from collections.abc import Callable

from grader.inspect.compose.project import (
    ComposeService,
    Reading,
)

Read = Callable[..., Reading]
Faults = Callable[..., tuple[str, ...]]
Rejected = Callable[..., str]
Write = Callable[[str, str | bytes], None]


def web(*keys: str) -> str:
    """A file whose service `web` has these keys, from line 4 on."""
    lines = "".join(f"    {key}\n" for key in keys)
    return f"services:\n  web:\n    build: .\n{lines}  db: {{image: mysql}}\n"


def service(reading: Reading, name: str = "web") -> ComposeService:
    assert not reading.faults
    assert reading.project is not None
    return reading.project.services[name]
