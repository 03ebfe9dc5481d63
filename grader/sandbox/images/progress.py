"""How long steps are told to whoever waits for them."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]
"""Called with one line for each step, from any thread."""


def silent(line: str) -> None:
    """Tell nobody; a `Progress`."""
