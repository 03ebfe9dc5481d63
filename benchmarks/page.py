"""docs/performance.md: each benchmark writes its own part of it."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

import psutil

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def machine() -> str:
    """Return a sentence that says what was measured on."""
    memory = psutil.virtual_memory().total >> 30
    system = f"Linux {platform.release().split('-')[0]}"
    return (
        f"Measured on {os.cpu_count()} cores, {memory} GiB, {system}, "
        f"Python {platform.python_version()}."
    )


def write_part(name: str, lines: Sequence[str]) -> None:
    """Put `lines` in the place of the part `name`. Raises `ValueError` where the page has none."""
    text = PAGE.read_text("utf-8")
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    if begin not in text or end not in text:
        msg = f"{PAGE} has no part {name!r}; write `{begin.strip()}` and `{end.strip()}` into it."
        raise ValueError(msg)
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    body = "\n".join(lines)
    PAGE.write_text(f"{before}{begin}{body}\n{end}{after}", "utf-8")
